internal import Checkpoints
internal import Tensors

/// All weights of a decoder: matrices packed for the kernels, vectors in single precision.
struct DecoderWeights: Sendable {
    /// `[vocabulary, hidden]`, read a row at a time.
    var embedding: EmbeddingTable
    /// The layers in order.
    var layers: [LayerWeights]
    /// The norm before `unembed`.
    var outputNorm: NormWeights
    /// `[vocabulary, hidden]`, the embedding's numbers in models that share them.
    var unembed: LinearWeights
    /// Embeddings of positions, `[positions, hidden]`, row after row.
    var positions: FloatVector?
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
        outputNorm = try loader.norm("output_norm", shape.hiddenSize)
        layers = []
        for (index, layer) in shape.layers.enumerated() {
            layers.append(try LayerWeights(&loader, prefix: "blk.\(index).", layer: layer, shape: shape))
        }
        let bias = try loader.optionalVector("output.bias", shape.vocabularySize)
        let isTied = checkpoint.configuration.hasTiedEmbeddings
        let matrix =
            isTied
            ? try loader.pack(stored, name: "token_embd.weight")
            : try loader.matrix("output", shape.vocabularySize, shape.hiddenSize)
        unembed = LinearWeights(matrix: matrix, bias: bias)
        embedding =
            isTied && loader.keepsNumbers(of: stored, name: "token_embd.weight")
            ? .packed(matrix) : .stored(try loader.copy(stored, name: "token_embd.weight"))
        if shape.rotaries.contains(where: \.usesFrequencyFactors) {
            rotaryFactors = try loader.vector("rope_freqs.weight", shape.rotaryDimension / 2)
        }
        names = loader.names
        try loader.finish()
        record = loader.record
    }
}
