internal import Tensors

/// How a tensor that a model asks for is made from those in the files.
///
/// Fused tensors are taken apart, and what files keep apart is put together: a model sees one matrix for queries, one
/// for keys and one for values, and one stack `[experts, rows, columns]` for the experts of a layer, whatever the
/// checkpoint has.
struct TensorView: Sendable {
    /// What it is made of: one part, or the entries of its outermost dimension.
    private let parts: [TensorPart]
    /// Whether the parts are entries of an outermost dimension.
    private let isStack: Bool

    /// A tensor that is one part of a stored one.
    init(_ part: TensorPart) {
        parts = [part]
        isStack = false
    }

    /// A tensor with one more dimension, of parts that are all alike; at least one.
    init(stack parts: [TensorPart]) {
        self.parts = parts
        isStack = true
    }

    /// Dimensions, outermost first.
    var shape: [Int] { isStack ? [parts.count] + parts[0].shape : parts[0].shape }

    /// The tensors that it is made from.
    var tensors: [StoredTensor] { parts.map(\.tensor) }

    /// All of it as a matrix `[rows, columns]`, or a vector as a matrix of one row; vectors of a stack become rows, in
    /// single precision.
    ///
    /// - Throws: `CheckpointError` if it is stored in a way that can't be read.
    func matrix() throws(CheckpointError) -> StoredMatrix {
        guard isStack else { return try parts[0].matrix() }
        var numbers: [Float] = []
        for part in parts { numbers += try TensorPart.numbers(try part.matrix(), part.tensor) }
        return try TensorPart.matrix(numbers, rows: parts.count, parts[0].tensor)
    }

    /// One entry of the outermost dimension; `nil` if there is none.
    ///
    /// - Throws: `CheckpointError` if it is stored in a way that can't be read.
    func entry(_ index: Int) throws(CheckpointError) -> StoredMatrix? {
        let part = isStack ? (parts.indices.contains(index) ? parts[index] : nil) : parts[0].entry(index)
        return try part?.matrix()
    }
}
