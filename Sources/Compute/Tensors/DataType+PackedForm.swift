internal import CPUKernels

extension DataType {
    /// The name of the form that tensors of this type are packed to, as in `matmul_kernels.h`: "u4_32".
    ///
    /// Types that differ only in the file share a form, and with it a kernel.
    public var packedFormName: String {
        PackedLayout(form: packed_form_of_type(rawValue))?.rawValue ?? "none"
    }
}
