internal import CPUKernels
internal import Tensors

/// One layer as a list of operations, in the order in which they run.
struct LayerProgram {
    /// `nil`: attention reads the residual as it is.
    let attentionNorm: NormOperation?
    /// Queries, keys and values, or queries alone where `attention` has an operation for the others.
    let queryKeyValue: LinearOperation
    let attention: AttentionOperation
    /// Brings together all ranks' heads; `nil` where there is one rank, as below.
    let attended: RankGather?
    let output: LinearOperation
    let attentionSum: ResidualSum
    /// `nil`: the feed-forward part reads the residual as it is.
    let feedForwardNorm: NormOperation?
    let feedForward: FeedForwardProgram
    let feedForwardSum: ResidualSum
    /// Whether attention's output waits for that of the feed-forward part.
    let isParallel: Bool
    /// What is multiplied first after the layer.
    let next: FusedProducts

    /// What is multiplied first in it.
    var first: FusedProducts { attention.inputs.keyValue?.products ?? queryKeyValue.products }
}

/// How the output of attention or feed-forward joins the residual.
struct ResidualSum {
    /// The outputs, `[rows, hidden]`, or this rank's part of them.
    let source: UnsafeMutablePointer<Float>
    /// Brings together all ranks' outputs.
    let gather: RankGather?
    let bias: UnsafePointer<Float>?
    let norm: NormOperation?
    /// Whether that is a norm of the sum rather than of what is added.
    let normsSum: Bool
    let scale: Float
    let width: Int

    /// Adds a row of outputs to the residual; `scratch` holds a row.
    func add(
        _ kernels: LayerKernels,
        _ output: UnsafePointer<Float>,
        to residual: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>,
    ) {
        let count = Int32(width)
        var addend = output
        if let bias {
            scratch.update(from: addend, count: width)
            kernels.add(bias, count, scratch)
            addend = UnsafePointer(scratch)
        }
        if let norm, !normsSum {
            norm.apply(kernels, addend, to: scratch)
            addend = UnsafePointer(scratch)
        }
        if scale != 1 {
            kernels.scale(addend, scale, count, scratch)
            addend = UnsafePointer(scratch)
        }
        kernels.add(addend, count, residual)
        if let norm, normsSum { norm.apply(kernels, residual, to: residual) }
    }
}
