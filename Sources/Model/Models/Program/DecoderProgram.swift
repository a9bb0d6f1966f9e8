internal import Tensors

/// A decoder as a list of operations on memory that was reserved for it: all pointers are made here, once, so that passes
/// count no references.
final class DecoderProgram: @unchecked Sendable {  // never written after it is made
    /// The layers in order.
    let layers: UnsafeBufferPointer<LayerProgram>
    /// The norm of the embeddings' sum.
    let embeddingNorm: NormOperation?
    /// The norm before `unembed`; none in encoders and behind the first stage.
    let outputNorm: NormOperation?
    /// From normed rows to logits; `nil` in encoders and behind the first stage.
    let unembed: LinearOperation?
    /// Added to logits, `[vocabulary]`.
    let unembedBias: UnsafePointer<Float>?

    /// The memory that it works in.
    var memory: Workspace.Memory { workspace.memory }

    private let arrays = RawArrays()
    /// They own what the pointers point to.
    private let weights: DecoderWeights
    private let storage: KVStorage
    private let workspace: Workspace

    /// The program of loaded weights on reserved memory.
    ///
    /// - Parameters:
    ///   - partition: What the rank has of the model.
    ///   - ranks: The ranks that share its layers; `nil` for none but this.
    ///   - calibration: Measures what matrices are multiplied with.
    ///
    /// Precondition: the ranks outlive the program, and `cuts` are those of the partition's layers.
    init(
        _ weights: DecoderWeights,
        partition: Partition,
        ranks: RankGroup?,
        cuts: [AttentionCut],
        storage: KVStorage,
        workspace: Workspace,
        calibration: Calibration? = nil,
    ) {
        let shape = partition.shape
        self.weights = weights
        self.storage = storage
        self.workspace = workspace
        let (memory, arrays) = (workspace.memory, arrays)
        let norm = { (weights: NormWeights) in NormOperation(weights, shape: shape, width: shape.hiddenSize) }
        embeddingNorm = weights.embeddingNorm.map(norm)
        outputNorm = weights.outputNorm.map(norm)
        unembed = weights.unembed.map { unembed in
            LinearOperation(
                arrays.add([MatrixProduct(unembed.matrix, into: memory.logits, stride: partition.logitStride)]),
                width: shape.hiddenSize,
                nearlyExact: shape.needsNearlyExactLogits
            )
        }
        unembedBias = weights.unembed?.bias?.base
        var programs: [LayerProgram] = []
        var next = unembed?.products ?? FusedProducts(start: nil, count: 0)
        for index in shape.layers.indices.reversed() {
            let builder = LayerBuilder(
                index: index,
                weights: weights.layers[index],
                layer: shape.layers[index],
                shape: shape,
                memory: memory,
                arrays: arrays,
                ranks: ranks,
                whole: partition.whole.layers[partition.layers.lowerBound + index],
                shares: partition.shares[index],
                calibration: calibration
            )
            guard let cut = cuts.firstIndex(of: AttentionCut(shape.layers[index].attention)) else {
                preconditionFailure("a layer whose attention nobody cuts")
            }
            let program = builder.program(cut: cut, cache: storage.layers[index], next: next)
            next = program.first
            programs.append(program)
        }
        layers = arrays.add(programs.reversed())
    }
}
