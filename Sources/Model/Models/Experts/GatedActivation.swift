internal import CPUKernels

/// A gate's nonlinearity times the ups.
struct GatedActivation {
    let kernels: UnsafePointer<LayerKernels>
    let activation: CPUKernels.Activation
    /// Gates and ups are cut to this size; 0 for no limit.
    let limit: Float

    /// Writes `[width]` numbers to `output`, which may be the gates.
    func apply(
        _ gates: UnsafePointer<Float>,
        _ ups: UnsafePointer<Float>,
        width: Int,
        to output: UnsafeMutablePointer<Float>,
    ) {
        if limit > 0 {
            kernels.pointee.gated_within(gates, ups, limit, Int32(width), output)
        } else {
            activate_gated(kernels, activation, gates, ups, Int32(width), output)
        }
    }
}
