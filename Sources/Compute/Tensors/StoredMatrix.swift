/// A weight matrix as it stands in a checkpoint: `[rows, columns]` = `[output features, input features]`, or some of its
/// rows and columns.
public struct StoredMatrix: Sendable {
    /// How the numbers are stored.
    public let format: StoredFormat
    /// Output features.
    public private(set) var rows: Int
    /// Input features.
    public private(set) var columns: Int
    /// The numbers.
    package let weights: StoredPart
    let scales: StoredScales?
    let zeros: StoredPart?
    /// The scale block of each stored column, in formats where columns aren't in the order of these.
    let columnGroups: [Int32]?
    /// The shape of what is stored.
    let storedRows: Int
    let storedColumns: Int
    private var selection = RowSelection.from(0)
    private(set) var firstColumn = 0

    /// Which stored rows the matrix has.
    private enum RowSelection: Sendable {
        case from(Int)
        case list([Int])
    }

    /// A matrix of parts that have been checked.
    init(
        checked format: StoredFormat,
        rows: Int,
        columns: Int,
        weights: StoredPart,
        scales: StoredScales? = nil,
        zeros: StoredPart? = nil,
        columnGroups: [Int32]? = nil,
    ) {
        self.format = format
        self.rows = rows
        self.columns = columns
        self.weights = weights
        self.scales = scales
        self.zeros = zeros
        self.columnGroups = columnGroups
        storedRows = rows
        storedColumns = columns
    }

    /// The blocks' type of a matrix in a GGUF type; `nil` for other formats.
    public var dataType: DataType? {
        if case .blocks(let type) = format { type } else { nil }
    }

    /// How a matrix that is packed already lies in its file; `nil` for others.
    var packedLayout: PackedLayout? {
        if case .packed(let layout) = format { layout } else { nil }
    }

    /// The first stored row, of rows that follow each other as they are stored.
    var firstRow: Int? {
        if case .from(let first) = selection { first } else { nil }
    }

    /// Bytes that the matrix takes in its checkpoint.
    public var byteCount: Int {
        let all = weights.count + (scales?.part.count ?? 0) + (zeros?.count ?? 0)
        return Int(Double(all) * (Double(rows) / Double(storedRows)) * (Double(columns) / Double(storedColumns)))
    }

    /// The stored row of a row of the matrix.
    func storedRow(_ row: Int) -> Int {
        switch selection {
        case .from(let first): first + row
        case .list(let rows): rows[row]
        }
    }

    /// The matrix of some rows: one of several matrices that are stored as one.
    ///
    /// - Throws: `TensorError.badShape` if there aren't such rows.
    public func selecting(rows range: Range<Int>) throws(TensorError) -> StoredMatrix {
        guard range.lowerBound >= 0, range.upperBound <= rows, !range.isEmpty else {
            throw badShape("rows \(range) were asked for")
        }
        var selected = self
        selected.rows = range.count
        switch selection {
        case .from(let first): selected.selection = .from(first + range.lowerBound)
        case .list(let rows): selected.selection = .list(Array(rows[range]))
        }
        return selected
    }

    /// The matrix of some rows in any order: of heads whose queries, keys and values alternate, for example.
    ///
    /// - Throws: `TensorError.badShape` if there aren't such rows.
    public func selecting(rows indices: some Sequence<Int>) throws(TensorError) -> StoredMatrix {
        let list = Array(indices)
        guard !list.isEmpty else { throw badShape("no rows were asked for") }
        if let missing = list.first(where: { $0 < 0 || $0 >= rows }) { throw badShape("row \(missing) was asked for") }
        var selected = self
        selected.rows = list.count
        selected.selection = .list(list.map(storedRow))
        return selected
    }

    /// The matrix of some columns, which begin and end at the borders of blocks and of groups of 32.
    ///
    /// - Throws: `TensorError.badShape` if there aren't such columns.
    public func selecting(columns range: Range<Int>) throws(TensorError) -> StoredMatrix {
        let grain = format.columnGrain
        guard range.lowerBound >= 0, range.upperBound <= columns, !range.isEmpty, range.lowerBound % grain == 0,
            range.upperBound % grain == 0 || range.upperBound == columns
        else { throw badShape("columns \(range) were asked for, which must be whole groups of \(grain)") }
        var selected = self
        selected.columns = range.count
        selected.firstColumn += range.lowerBound
        return selected
    }

    /// Copies rows, whole as they are stored, from formats that store row by row.
    ///
    /// - Returns: whether they could be read.
    func read(_ rows: Range<Int>, bytesPerRow: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let first = storedRow(row)
            var run = 1
            while row + run < rows.upperBound, storedRow(row + run) == first + run { run += 1 }
            let place = (row - rows.lowerBound) * bytesPerRow
            guard place + run * bytesPerRow <= buffer.count else { return false }
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[place..<place + run * bytesPerRow])
            guard weights.read(first * bytesPerRow..<(first + run) * bytesPerRow, into: target) else { return false }
            row += run
        }
        return true
    }

    /// The stored bytes, if they are whole rows in blocks of a GGUF type and nothing else: what an engine file can hold.
    public var rowBytes: (type: DataType, content: StoredPart)? {
        guard let dataType, case .from(let first) = selection, firstColumn == 0, columns == storedColumns,
            let bytesPerRow = dataType.byteCount(elements: columns),
            let content = weights.slice(first * bytesPerRow..<(first + rows) * bytesPerRow)
        else { return nil }
        return (dataType, content)
    }

    /// A copy of what is stored in memory that nobody else can change or take away.
    ///
    /// - Parameter pool: Threads that read together, where it is much.
    /// - Throws: `TensorError.outOfMemory` or `.unreadable`.
    public func copiedToMemory(pool: ThreadPool? = nil) throws(TensorError) -> StoredMatrix {
        if case .from(let first) = selection, let bytesPerRow = format.bytesPerRow(columns: storedColumns),
            scales == nil
        {
            return try copied(storedRows: first..<first + rows, bytesPerRow: bytesPerRow, pool: pool)
        }
        var copy = StoredMatrix(
            checked: format,
            rows: storedRows,
            columns: storedColumns,
            weights: try resident(weights),
            scales: try scales.map { scales throws(TensorError) in
                StoredScales(
                    try resident(scales.part),
                    type: scales.type,
                    rowsPerScale: scales.rowsPerScale,
                    columnsPerScale: scales.columnsPerScale,
                    areByColumn: scales.areByColumn
                )
            },
            zeros: try zeros.map { part throws(TensorError) in try resident(part) },
            columnGroups: columnGroups
        )
        (copy.rows, copy.columns, copy.selection, copy.firstColumn) = (rows, columns, selection, firstColumn)
        return copy
    }

    private func copied(
        storedRows range: Range<Int>,
        bytesPerRow: Int,
        pool: ThreadPool?,
    ) throws(TensorError) -> StoredMatrix {
        guard let slice = weights.slice(range.lowerBound * bytesPerRow..<range.upperBound * bytesPerRow) else {
            throw unreadable
        }
        let part = try resident(slice, pool: pool)
        var copy = StoredMatrix(checked: format, rows: rows, columns: storedColumns, weights: part)
        (copy.columns, copy.firstColumn) = (columns, firstColumn)
        return copy
    }

    private func resident(_ part: StoredPart, pool: ThreadPool? = nil) throws(TensorError) -> StoredPart {
        guard let copy = try part.copiedToMemory(pool: pool) else { throw unreadable }
        return copy
    }

    /// An error about this matrix.
    func badShape(_ reason: String) -> TensorError {
        .badShape(rows: rows, columns: columns, format: format, reason: reason)
    }

    var unreadable: TensorError { .unreadable(rows: rows, columns: columns, format: format) }

    var unusableNumbers: TensorError { .unusableNumbers(rows: rows, columns: columns, format: format) }
}
