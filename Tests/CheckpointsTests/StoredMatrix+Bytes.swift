package import Tensors

extension StoredMatrix {
    /// The stored numbers as they lie in the file, where no rows or columns were selected.
    package var bytes: UnsafeRawBufferPointer { weights.bytes }
}
