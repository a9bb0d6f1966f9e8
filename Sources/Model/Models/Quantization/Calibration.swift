internal import Tensors

/// Sums of the squares of what matrices are multiplied with, by column.
struct ColumnSquares: BitwiseCopyable {
    private let sums: UnsafeMutableBufferPointer<Double>

    /// Sums in some memory, from zero on.
    init(_ sums: UnsafeMutableBufferPointer<Double>) { self.sums = sums }

    /// The sums, one for each column.
    var all: [Float] { sums.map { Float($0) } }

    /// Adds the squares of rows to a worker's own columns, as multiples of their mean.
    ///
    /// So all rows count the same: the first of a text has activations a thousand times as large as others in many models.
    func add(_ rows: UnsafePointer<Float>, stride: Int, count: Int, worker: Worker) {
        let own = worker.range(of: sums.count)
        for index in 0..<count {
            let row = rows + index * stride
            let total = sums.indices.reduce(0) { $0 + Double(row[$1]) * Double(row[$1]) }
            let scale = Double(sums.count) / total
            guard scale > 0, scale.isFinite else { continue }
            for column in own { sums[column] += Double(row[column]) * Double(row[column]) * scale }
        }
    }
}

/// What a model's matrices are multiplied with while it reads some text.
final class Calibration {
    /// The tensors that matrices are.
    private let names: [ObjectIdentifier: String]
    private let arrays = RawArrays()
    private var squares: [String: ColumnSquares] = [:]

    /// Nothing yet, of a model with these weights.
    init(_ weights: DecoderWeights) { names = weights.names }

    /// Where the rows are added that some matrices are multiplied with, all of them with the same.
    func squares(of matrices: [PackedMatrix]) -> ColumnSquares {
        let own = ColumnSquares(arrays.reserve(matrices.first?.columns ?? 0, of: 0.0))
        for matrix in matrices {
            if let name = names[ObjectIdentifier(matrix)] { squares[name] = own }
        }
        return own
    }

    /// The importance of columns by tensors' names.
    var importance: [String: ColumnImportance] { squares.mapValues { ColumnImportance(meanSquares: $0.all) } }
}
