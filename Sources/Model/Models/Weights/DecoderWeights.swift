internal import Checkpoints
internal import Tensors

/// All weights of a decoder: matrices packed for the kernels, vectors in single precision.
struct DecoderWeights: Sendable {
    /// `[vocabulary, hidden]`, read a row at a time: those rows that the rank has; none behind the first stage.
    var embedding: EmbeddingTable?
    /// The layers in order.
    var layers: [LayerWeights]
    /// The norm before `unembed`; none in encoders and behind the first stage.
    var outputNorm: NormWeights?
    /// `[vocabulary, hidden]`, the embedding's numbers in models that share them; none in encoders and behind the first stage.
    var unembed: LinearWeights?
    /// Embeddings of positions, `[positions, hidden]`, row after row.
    var positions: FloatVector?
    /// Embeddings of kinds of segments, `[kinds, hidden]`, row after row.
    var tokenTypes: FloatVector?
    /// The norm of the embeddings' sum.
    var embeddingNorm: NormWeights?
    /// Divisors of the rotary frequencies, one per pair.
    var rotaryFactors: FloatVector?
    /// All that was taken from the checkpoint, as an engine keeps it.
    let record: WeightRecord
    /// The tensors that matrices were packed from.
    let names: [ObjectIdentifier: String]

    /// Takes every tensor that a partition needs from a checkpoint and packs it.
    ///
    /// - Parameters:
    ///   - checkpoint: The checkpoint; a tensor that is missing, of another shape or not needed is an error.
    ///   - partition: What tensors there are, and what is taken of them.
    ///   - quantization: What becomes of floats.
    ///   - importance: What columns are worth, by tensors' names, where that was measured.
    ///   - pool: The threads that pack.
    ///   - progress: Called with the share of work done, 0 to 1, from the calling thread.
    init(
        _ checkpoint: Checkpoint,
        partition: Partition,
        quantization: WeightQuantization,
        importance: [String: ColumnImportance] = [:],
        pool: ThreadPool,
        progress: ((Double) -> Void)?,
    ) throws(ModelError) {
        var loader = WeightLoader(
            checkpoint,
            quantization: quantization,
            importance: importance,
            partition: partition,
            pool: pool,
            progress: progress
        )
        let (shape, hidden) = (partition.whole, partition.whole.hiddenSize)
        var stored: StoredMatrix?
        if partition.isFirstStage {
            let vocabulary = Extent(partition.vocabulary, of: shape.vocabularySize)
            stored = try loader.source("token_embd", vocabulary, hidden)
            if shape.positionCount > 0 {
                positions = try loader.rows("position_embd", .all(shape.positionCount), hidden)
            }
            if shape.tokenTypeCount > 0 {
                tokenTypes = try loader.rows("token_types", .all(shape.tokenTypeCount), hidden)
            }
            if shape.hasEmbeddingNorm { embeddingNorm = try loader.norm("token_embd_norm", hidden) }
            if shape.isCausal { outputNorm = try loader.norm("output_norm", hidden) }
        }
        layers = []
        for (index, part) in zip(partition.layers, partition.parts) {
            layers.append(
                try LayerWeights(
                    &loader,
                    prefix: "blk.\(index).",
                    layer: shape.layers[index],
                    part: part,
                    hidden: hidden
                )
            )
        }
        if let stored {
            var shared: EmbeddingTable?
            if shape.isCausal {
                let isTied = checkpoint.configuration.hasTiedEmbeddings
                let unembed = try Self.unembed(&loader, partition, sharing: isTied ? stored : nil)
                self.unembed = unembed
                let keepsNumbers = isTied && loader.keepsNumbers(of: stored, name: "token_embd.weight")
                if keepsNumbers { shared = .packed(unembed.matrix) }
            }
            if let shared {
                embedding = shared
            } else {
                embedding = .stored(try loader.copy(stored, name: "token_embd.weight"))
            }
        }
        if shape.rotaries.contains(where: \.usesFrequencyFactors) {
            rotaryFactors = try loader.vector("rope_freqs.weight", shape.rotaryDimension / 2)
        }
        names = loader.names
        loader.leaveOtherStages(partition)
        try loader.finish()
        record = loader.record
    }

    /// The output matrix: the embedding's numbers, `stored`, in models that share them.
    private static func unembed(
        _ loader: inout WeightLoader,
        _ partition: Partition,
        sharing stored: StoredMatrix?,
    ) throws(ModelError) -> LinearWeights {
        let rows = Extent(partition.vocabulary, of: partition.whole.vocabularySize)
        let columns = partition.whole.hiddenSize
        let bias = try loader.optionalVector("output.bias", rows)
        guard let stored else { return LinearWeights(matrix: try loader.matrix("output", rows, columns), bias: bias) }
        return LinearWeights(matrix: try loader.pack(stored, name: "token_embd.weight"), bias: bias)
    }
}

extension WeightLoader {
    /// Leaves the tensors of other stages to their ranks, but not those that no stage takes.
    fileprivate mutating func leaveOtherStages(_ partition: Partition) {
        guard partition.layout.pipelineParallel > 1 else { return }
        let ends = ["token_embd", "position_embd", "token_types", "output", "output_norm"]
        for name in tensorNames {
            let parts = name.split(separator: ".")
            if parts.count > 2, parts[0] == "blk", let layer = Int(parts[1]) {
                if !partition.layers.contains(layer), partition.whole.layers.indices.contains(layer) { leave(name) }
            } else if !partition.isFirstStage, let first = parts.first, ends.contains(where: first.hasPrefix) {
                leave(name)
            }
        }
    }
}
