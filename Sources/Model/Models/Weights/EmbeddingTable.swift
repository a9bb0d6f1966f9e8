internal import Tensors

/// The embeddings `[vocabulary, hidden]` as they are read while the model runs: from memory, never from a file.
enum EmbeddingTable: Sendable {
    /// The output matrix, of models that share the two, where packing keeps every number.
    case packed(PackedMatrix)
    /// The rows as they were stored.
    case stored(StoredMatrix)

    /// Expands one token's row to floats, `[hidden]`.
    func expand(_ token: Int, into output: UnsafeMutablePointer<Float>) {
        switch self {
        case .packed(let matrix): matrix.unpackRow(token, into: output)
        case .stored(let source): source.dequantizeRow(token, into: output)
        }
    }
}
