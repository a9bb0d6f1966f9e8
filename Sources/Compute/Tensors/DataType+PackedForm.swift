internal import CPUKernels

extension DataType {
    /// The name of the form that tensors of this type are packed to, as in `matmul_kernels.h`: "u4_32".
    ///
    /// Types that differ only in the file share a form, and with it a kernel.
    public var packedFormName: String {
        switch packed_form_of_type(rawValue) {
        case PACKED_U4_32: "u4_32"
        case PACKED_U4K_32: "u4k_32"
        case PACKED_U4S_32: "u4s_32"
        case PACKED_C4_32: "c4_32"
        case PACKED_E2M1: "e2m1"
        case PACKED_U2_16: "u2_16"
        case PACKED_U3S_16: "u3s_16"
        case PACKED_U5_32: "u5_32"
        case PACKED_U5K_32: "u5k_32"
        case PACKED_U5S_32: "u5s_32"
        case PACKED_U6K_16: "u6k_16"
        case PACKED_S8_32: "s8_32"
        case PACKED_BF16: "bf16"
        case PACKED_F16: "f16"
        case PACKED_F32: "f32"
        default: "none"
        }
    }
}
