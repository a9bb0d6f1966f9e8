internal import CPUKernels
internal import Tensors

/// The layer kernels of the chosen instruction set.
var layerKernels: UnsafePointer<LayerKernels> { layer_kernels_for_level(Int32(KernelLevel.chosen.rawValue)) }
