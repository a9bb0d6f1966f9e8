internal import CPUKernels
internal import Tensors

/// The feed-forward part of a layer.
enum FeedForwardProgram {
    case dense(DenseOperation)
    case experts(ExpertOperation)

    /// The matrices that are multiplied first.
    var products: FusedProducts {
        switch self {
        case .dense(let part): part.first.products
        case .experts(let part): part.router.products
        }
    }
}

/// A feed-forward part whose matrices multiply all rows.
struct DenseOperation {
    /// Gates and ups, or ups alone.
    let first: LinearOperation
    let down: LinearOperation
    /// What `down` multiplies, `[rows, width]`, and what brings together all ranks' numbers of it; `nil` where there is one
    /// rank.
    let exchange: (rows: UnsafeMutablePointer<Float>, gather: RankGather)?
    /// What `first` makes of `down`'s inputs: all of them, or this rank's.
    let width: Int
    /// Floats from one row of gates and ups to the next.
    let stride: Int
    let isGated: Bool
    let activation: CPUKernels.Activation
    let gateBias: UnsafePointer<Float>?
    let upBias: UnsafePointer<Float>?
    let kernels: UnsafePointer<LayerKernels>

    /// Writes what `down` multiplies, or this rank's part of it, `[width]`, from the first products of a row; `scratch` holds another.
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
