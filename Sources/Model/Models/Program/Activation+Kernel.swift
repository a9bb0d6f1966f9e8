internal import CPUKernels
internal import Checkpoints

extension Checkpoints.Activation {
    /// The kernels' name for it.
    var kernel: CPUKernels.Activation {
        switch self {
        case .silu: ACTIVATION_SILU
        case .gelu: ACTIVATION_GELU_ERF
        case .geluTanh: ACTIVATION_GELU_TANH
        case .relu: ACTIVATION_RELU
        case .reluSquared: ACTIVATION_RELU_SQUARED
        }
    }
}
