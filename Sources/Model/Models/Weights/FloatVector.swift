internal import Tensors

/// A vector of weights in single precision.
final class FloatVector: @unchecked Sendable {  // never written after it is made
    let base: UnsafePointer<Float>
    let count: Int

    /// The expanded numbers of a stored matrix, row after row.
    ///
    /// - Throws: `TensorError` when it can't be read.
    init(_ source: StoredMatrix) throws(TensorError) {
        let source = try source.copiedToMemory()
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: source.rows * source.columns)
        for row in 0..<source.rows { source.dequantizeRow(row, into: memory + row * source.columns) }
        base = UnsafePointer(memory)
        count = source.rows * source.columns
    }

    /// Some of the numbers of another.
    ///
    /// Precondition: it has them.
    init(_ vector: FloatVector, _ part: Range<Int>) {
        precondition(part.lowerBound >= 0 && part.upperBound <= vector.count, "numbers \(part) of \(vector.count)")
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: max(1, part.count))
        memory.initialize(from: vector.base + part.lowerBound, count: part.count)
        base = UnsafePointer(memory)
        count = part.count
    }

    /// Some of the columns of all rows of a matrix.
    ///
    /// Precondition: it has whole rows.
    init(_ matrix: FloatVector, columns: Extent) {
        precondition(matrix.count % columns.whole == 0, "rows of \(columns.whole) in \(matrix.count) numbers")
        let rows = matrix.count / columns.whole
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: max(1, rows * columns.count))
        for row in 0..<rows {
            let source = matrix.base + row * columns.whole + columns.part.lowerBound
            (memory + row * columns.count).initialize(from: source, count: columns.count)
        }
        base = UnsafePointer(memory)
        count = rows * columns.count
    }

    deinit { base.deallocate() }
}

/// A matrix and what is added to its products.
struct LinearWeights: Sendable {
    /// `[output features, input features]`.
    let matrix: PackedMatrix
    /// `[output features]`.
    let bias: FloatVector?
}

/// The weights of a norm.
struct NormWeights: Sendable {
    /// What normed numbers are multiplied with.
    let weight: FloatVector
    /// What is added then.
    let bias: FloatVector?
}
