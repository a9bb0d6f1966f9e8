internal import Tensors

/// What makes the matrices of a tensor whose numbers aren't simply rows in one place of a file.
protocol TensorContent: Sendable {
    /// The matrix, or one of several.
    ///
    /// - Throws: `CheckpointError` if there is none, or it can't be read.
    func matrix(entry: Int?) throws(CheckpointError) -> StoredMatrix
}
