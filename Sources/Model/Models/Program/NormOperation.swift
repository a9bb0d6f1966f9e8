internal import CPUKernels

/// A norm over numbers that lie side by side.
struct NormOperation {
    let kind: DecoderShape.NormKind
    let weight: UnsafePointer<Float>
    let bias: UnsafePointer<Float>?
    let epsilon: Float
    let width: Int32
    /// Floats from one head's weights to the next's; 0 where all heads have the same.
    let headStride: Int

    init(_ weights: NormWeights, shape: DecoderShape, width: Int, headStride: Int = 0) {
        kind = shape.norm
        weight = weights.weight.base
        bias = weights.bias?.base
        epsilon = shape.normEpsilon
        self.width = Int32(width)
        self.headStride = headStride
    }

    /// Writes the normed numbers of `x` to `y`, which may be `x`; `head` chooses the weights.
    func apply(
        _ kernels: LayerKernels,
        _ x: UnsafePointer<Float>,
        to y: UnsafeMutablePointer<Float>,
        head: Int = 0,
    ) {
        let weight = weight + head * headStride
        switch kind {
        case .rms: kernels.rms_norm(x, weight, epsilon, width, y)
        case .layer: kernels.layer_norm(x, weight, bias, epsilon, width, y)
        }
    }
}
