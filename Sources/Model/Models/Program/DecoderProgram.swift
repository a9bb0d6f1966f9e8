internal import CPUKernels
internal import Tensors

/// A decoder as a list of operations on memory that was reserved for it: all pointers are made here, once, so that passes
/// count no references.
final class DecoderProgram: @unchecked Sendable {  // never written after it is made
    /// The layers in order.
    let layers: UnsafeBufferPointer<LayerProgram>
    /// The norm before `unembed`.
    let outputNorm: NormOperation
    /// From normed rows to logits.
    let unembed: LinearOperation
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
    init(_ weights: DecoderWeights, shape: DecoderShape, storage: KVStorage, workspace: Workspace) {
        self.weights = weights
        self.storage = storage
        self.workspace = workspace
        let memory = workspace.memory
        outputNorm = NormOperation(weights.outputNorm, shape: shape, width: shape.hiddenSize)
        unembed = LinearOperation(
            arrays.add([
                MatrixProduct(weights.unembed.matrix, into: memory.logits, stride: shape.vocabularySize)
            ]),
            width: shape.hiddenSize,
            nearlyExact: shape.needsNearlyExactLogits
        )
        unembedBias = weights.unembed.bias?.base
        var programs: [LayerProgram] = []
        var next = unembed.products
        for index in shape.layers.indices.reversed() {
            let builder = LayerBuilder(
                weights: weights.layers[index],
                layer: shape.layers[index],
                shape: shape,
                memory: memory,
                arrays: arrays
            )
            let program = builder.program(index: index, cache: storage.layers[index], next: next)
            next = program.queryKeyValue.products
            programs.append(program)
        }
        layers = arrays.add(programs.reversed())
    }
}

/// Makes the operations of one layer.
private struct LayerBuilder {
    let weights: LayerWeights
    let layer: LayerShape
    let shape: DecoderShape
    let memory: Workspace.Memory
    let arrays: RawArrays

    func program(index: Int, cache: KVLayer, next: FusedProducts) -> LayerProgram {
        let isParallel = layer.residual == .parallel
        let secondOutput = isParallel ? memory.secondOutput : memory.output
        let cut = shape.attentionCuts.firstIndex(of: AttentionCut(layer.attention)) ?? 0
        return LayerProgram(
            attentionNorm: norm(weights.attentionNorm),
            queryKeyValue: queryKeyValue,
            attention: AttentionOperation(
                weights.attention,
                attention: layer.attention,
                layer: index,
                cut: cut,
                shape: shape,
                cache: cache
            ),
            output: linear([(weights.attention.output, memory.output)], stride: shape.hiddenSize),
            attentionSum: sum(memory.output, weights.attention.output, weights.postAttentionNorm),
            feedForwardNorm: norm(layer.sharesNorm ? weights.attentionNorm : weights.feedForwardNorm),
            feedForward: feedForward(into: secondOutput),
            feedForwardSum: sum(secondOutput, weights.feedForward.down, weights.postFeedForwardNorm),
            isParallel: isParallel,
            next: next
        )
    }

    private func norm(_ weights: NormWeights?) -> NormOperation? {
        weights.map { NormOperation($0, shape: shape, width: shape.hiddenSize) }
    }

    private func sum(
        _ source: UnsafeMutablePointer<Float>,
        _ linear: LinearWeights,
        _ norm: NormWeights?,
    ) -> ResidualSum {
        ResidualSum(
            source: source,
            bias: linear.bias?.base,
            norm: self.norm(norm),
            scale: layer.residualScale,
            width: shape.hiddenSize
        )
    }

    private func linear(
        _ parts: [(LinearWeights, UnsafeMutablePointer<Float>)],
        stride: Int,
        nearlyExact: Bool = false,
    ) -> LinearOperation {
        LinearOperation(
            arrays.add(parts.map { MatrixProduct($0.0.matrix, into: $0.1, stride: stride) }),
            width: parts.first?.0.matrix.columns ?? 0,
            nearlyExact: nearlyExact
        )
    }

    // Rounded activations move where a token looks, and later layers amplify that; these are the smallest matrices of a
    // layer, so nearly exact activations are cheapest here.
    private var queryKeyValue: LinearOperation {
        let (attention, queries) = (layer.attention, memory.queryKeyValue)
        let keys = queries + attention.queryWidth
        return linear(
            [
                (weights.attention.query, queries), (weights.attention.key, keys),
                (weights.attention.value, keys + attention.kvWidth),
            ],
            stride: attention.width,
            nearlyExact: shape.needsNearlyExactQueries
        )
    }

    private func feedForward(into output: UnsafeMutablePointer<Float>) -> FeedForwardOperation {
        let width = layer.feedForward.width
        let own = weights.feedForward
        let stride = layer.feedForward.rowStride
        let gates = own.gate.map { [($0, memory.gateUp)] } ?? []
        let ups = own.gate == nil ? memory.gateUp : memory.gateUp + width
        return FeedForwardOperation(
            first: linear(gates + [(own.up, ups)], stride: stride),
            down: linear([(own.down, output)], stride: shape.hiddenSize),
            width: width,
            stride: stride,
            isGated: own.gate != nil,
            activation: layer.feedForward.activation.kernel,
            gateBias: own.gate?.bias?.base,
            upBias: own.up.bias?.base,
            kernels: layerKernels
        )
    }
}
