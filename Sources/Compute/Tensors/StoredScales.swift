internal import CPUKernels

/// The scales of a stored matrix: one for each block of so many rows and columns.
public struct StoredScales: Sendable {
    /// How scales are stored.
    public enum NumberType: Sendable, Hashable {
        case f32
        case f16
        case bf16
        /// Powers of two, by their exponent.
        case e8m0

        var byteCount: Int {
            switch self {
            case .f32: 4
            case .f16, .bf16: 2
            case .e8m0: 1
            }
        }

        var layoutType: UInt32 {
            switch self {
            case .f32: TYPE_F32.rawValue
            case .f16: TYPE_F16.rawValue
            case .bf16: TYPE_BF16.rawValue
            case .e8m0: TYPE_E8M0.rawValue
            }
        }
    }

    /// The scales' bytes: `[row blocks, column blocks]`, or the other way round if `areByColumn`.
    public let part: StoredPart
    /// How they are stored.
    public let type: NumberType
    /// Rows of a block; those of the last may be fewer.
    public let rowsPerScale: Int
    /// Columns of a block; those of the last may be fewer.
    public let columnsPerScale: Int
    /// Whether scales of one column block follow each other, as in AWQ and GPTQ.
    public let areByColumn: Bool

    /// Scales for blocks of a matrix: `.max` rows or columns mean all of them.
    public init(
        _ part: StoredPart,
        type: NumberType,
        rowsPerScale: Int = 1,
        columnsPerScale: Int = .max,
        areByColumn: Bool = false,
    ) {
        self.part = part
        self.type = type
        self.rowsPerScale = rowsPerScale
        self.columnsPerScale = columnsPerScale
        self.areByColumn = areByColumn
    }

    /// How many blocks a matrix has below and beside each other.
    func blocks(rows: Int, columns: Int) -> (below: Int, beside: Int) {
        ((rows - 1) / rowsPerScale + 1, (columns - 1) / columnsPerScale + 1)
    }

    /// What is wrong with them for a matrix, if anything is.
    func fault(rows: Int, columns: Int) -> String? {
        guard rowsPerScale > 0, columnsPerScale > 0 else { return "blocks must have rows and columns" }
        let (below, beside) = blocks(rows: rows, columns: columns)
        let (count, overflow) = below.multipliedReportingOverflow(by: beside)
        let (bytes, isLarge) = count.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow, !isLarge, bytes == part.count else {
            return "\(below) x \(beside) scales take \(isLarge ? .max : bytes) bytes, but there are \(part.count)"
        }
        return nil
    }

    /// The scales in C, wherever their bytes are.
    func grid(rows: Int, columns: Int, at bytes: UnsafeRawPointer?) -> ScaleGrid {
        let (below, beside) = blocks(rows: rows, columns: columns)
        return ScaleGrid(
            numbers: bytes?.assumingMemoryBound(to: UInt8.self),
            type: type.layoutType,
            rows_per_scale: rowsPerScale,
            columns_per_scale: columnsPerScale,
            row_stride: (areByColumn ? 1 : beside) * type.byteCount,
            column_stride: (areByColumn ? below : 1) * type.byteCount
        )
    }
}
