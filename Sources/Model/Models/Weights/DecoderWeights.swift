internal import Checkpoints
internal import Tensors

/// All weights of a decoder: matrices packed for the kernels, vectors in single precision.
struct DecoderWeights: Sendable {
    /// `[vocabulary, hidden]`, read a row at a time.
    var embedding: EmbeddingTable
    /// The layers in order.
    var layers: [LayerWeights]
    /// The norm before `unembed`; none in encoders.
    var outputNorm: NormWeights?
    /// `[vocabulary, hidden]`, the embedding's numbers in models that share them; none in encoders.
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

    /// Takes every tensor that a shape needs from a checkpoint and packs it.
    ///
    /// - Parameters:
    ///   - checkpoint: The checkpoint; a tensor that is missing, of another shape or not needed is an error.
    ///   - shape: What tensors there are.
    ///   - quantization: What becomes of floats.
    ///   - importance: What columns are worth, by tensors' names, where that was measured.
    ///   - pool: The threads that pack.
    ///   - progress: Called with the share of work done, 0 to 1, from the calling thread.
    init(
        _ checkpoint: Checkpoint,
        shape: DecoderShape,
        quantization: WeightQuantization,
        importance: [String: ColumnImportance] = [:],
        pool: ThreadPool,
        progress: ((Double) -> Void)?,
    ) throws(ModelError) {
        var loader = WeightLoader(
            checkpoint,
            quantization: quantization,
            importance: importance,
            pool: pool,
            progress: progress
        )
        let stored = try loader.source("token_embd", shape.vocabularySize, shape.hiddenSize)
        if shape.positionCount > 0 {
            positions = try loader.rows("position_embd", shape.positionCount, shape.hiddenSize)
        }
        if shape.tokenTypeCount > 0 {
            tokenTypes = try loader.rows("token_types", shape.tokenTypeCount, shape.hiddenSize)
        }
        if shape.hasEmbeddingNorm { embeddingNorm = try loader.norm("token_embd_norm", shape.hiddenSize) }
        if shape.isCausal { outputNorm = try loader.norm("output_norm", shape.hiddenSize) }
        layers = []
        var shared: EmbeddingTable?
        for (index, layer) in shape.layers.enumerated() {
            layers.append(try LayerWeights(&loader, prefix: "blk.\(index).", layer: layer, shape: shape))
        }
        if shape.isCausal {
            let isTied = checkpoint.configuration.hasTiedEmbeddings
            let unembed = try Self.unembed(&loader, shape: shape, sharing: isTied ? stored : nil)
            self.unembed = unembed
            if isTied, loader.keepsNumbers(of: stored, name: "token_embd.weight") { shared = .packed(unembed.matrix) }
        }
        if let shared {
            embedding = shared
        } else {
            embedding = .stored(try loader.copy(stored, name: "token_embd.weight"))
        }
        if shape.rotaries.contains(where: \.usesFrequencyFactors) {
            rotaryFactors = try loader.vector("rope_freqs.weight", shape.rotaryDimension / 2)
        }
        names = loader.names
        try loader.finish()
        record = loader.record
    }

    /// The output matrix: the embedding's numbers, `stored`, in models that share them.
    private static func unembed(
        _ loader: inout WeightLoader,
        shape: DecoderShape,
        sharing stored: StoredMatrix?,
    ) throws(ModelError) -> LinearWeights {
        let (rows, columns) = (shape.vocabularySize, shape.hiddenSize)
        let bias = try loader.optionalVector("output.bias", rows)
        guard let stored else { return LinearWeights(matrix: try loader.matrix("output", rows, columns), bias: bias) }
        return LinearWeights(matrix: try loader.pack(stored, name: "token_embd.weight"), bias: bias)
    }
}
