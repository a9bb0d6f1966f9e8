internal import CPUKernels
internal import Tensors

/// One layer as a list of operations, in the order in which they run.
struct LayerProgram {
    /// `nil`: attention reads the residual as it is.
    let attentionNorm: NormOperation?
    let queryKeyValue: LinearOperation
    let attention: AttentionOperation
    let output: LinearOperation
    let attentionSum: ResidualSum
    /// `nil`: the feed-forward part reads the residual as it is.
    let feedForwardNorm: NormOperation?
    let feedForward: FeedForwardOperation
    let feedForwardSum: ResidualSum
    /// Whether attention's output waits for that of the feed-forward part.
    let isParallel: Bool
    /// What is multiplied first after the layer.
    let next: FusedProducts
}

/// The feed-forward part of a layer.
struct FeedForwardOperation {
    /// Gates and ups, or ups alone.
    let first: LinearOperation
    let down: LinearOperation
    /// Inputs of `down`.
    let width: Int
    /// Floats from one row of gates and ups to the next.
    let stride: Int
    let isGated: Bool
    let activation: CPUKernels.Activation
    let gateBias: UnsafePointer<Float>?
    let upBias: UnsafePointer<Float>?
    let kernels: UnsafePointer<LayerKernels>

    /// Writes what `down` multiplies, `[width]`, from the first products of a row; `scratch` holds another.
    ///
    /// The products stay as they are: of a batch's only row, all workers do this.
    func activate(
        _ row: UnsafePointer<Float>,
        to output: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>,
    ) {
        let count = Int32(width)
        let first = sum(row, isGated ? gateBias : upBias, to: output)
        guard isGated else { return activate_plain(kernels, activation, first, count, output) }
        activate_gated(kernels, activation, first, sum(row + width, upBias, to: scratch), count, output)
    }

    /// Numbers and a bias, in `output` if there is one.
    private func sum(
        _ numbers: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>?,
        to output: UnsafeMutablePointer<Float>,
    ) -> UnsafePointer<Float> {
        guard let bias else { return numbers }
        output.update(from: numbers, count: width)
        kernels.pointee.add(bias, Int32(width), output)
        return UnsafePointer(output)
    }
}

/// How the output of attention or feed-forward joins the residual.
struct ResidualSum {
    /// The outputs, `[rows, hidden]`.
    let source: UnsafeMutablePointer<Float>
    let bias: UnsafePointer<Float>?
    let norm: NormOperation?
    let scale: Float
    let width: Int

    /// Adds a row to the residual; `scratch` holds a row.
    func add(
        _ kernels: LayerKernels,
        row: Int,
        to residual: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>,
    ) {
        let count = Int32(width)
        var addend = UnsafePointer(source + row * width)
        if let bias {
            scratch.update(from: addend, count: width)
            kernels.add(bias, count, scratch)
            addend = UnsafePointer(scratch)
        }
        if let norm {
            norm.apply(kernels, addend, to: scratch)
            addend = UnsafePointer(scratch)
        }
        if scale != 1 {
            kernels.scale(addend, scale, count, scratch)
            addend = UnsafePointer(scratch)
        }
        kernels.add(addend, count, residual)
    }
}
