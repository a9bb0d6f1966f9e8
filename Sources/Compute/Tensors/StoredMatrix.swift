/// A weight matrix as it stands in a checkpoint: `[rows, columns]` = `[output features, input features]`, row by row.
public struct StoredMatrix: @unchecked Sendable {  // the bytes are never written and `owner` keeps them alive
    /// How the numbers are stored.
    public let dataType: DataType
    /// Output features.
    public let rows: Int
    /// Input features, a whole number of blocks.
    public let columns: Int
    /// The stored blocks.
    public let bytes: UnsafeRawBufferPointer
    /// Keeps the bytes alive: a mapped file, or an array's box.
    public let owner: (any AnyObject & Sendable)?
    /// Where the same bytes can be copied from, when touching them might end the process: a mapped file may be made shorter.
    private let file: (any StoredBytes)?
    private let offset: Int

    /// A matrix in memory that `owner` keeps alive.
    ///
    /// - Parameters:
    ///   - file: What is read instead of the memory, from `offset` on, where there is one.
    /// - Throws: `TensorError` if the shape isn't positive whole blocks or doesn't match the bytes.
    public init(
        dataType: DataType,
        rows: Int,
        columns: Int,
        bytes: UnsafeRawBufferPointer,
        owner: (any AnyObject & Sendable)?,
        file: (any StoredBytes)? = nil,
        offset: Int = 0,
    ) throws(TensorError) {
        guard rows > 0, columns > 0 else {
            throw .badShape(rows: rows, columns: columns, dataType: dataType, reason: "dimensions must be positive")
        }
        guard let rowBytes = dataType.byteCount(elements: columns) else {
            let reason = "columns must be a multiple of \(dataType.blockSize)"
            throw .badShape(rows: rows, columns: columns, dataType: dataType, reason: reason)
        }
        let (needed, overflow) = rowBytes.multipliedReportingOverflow(by: rows)
        guard !overflow, needed == bytes.count else {
            throw .wrongByteCount(
                rows: rows,
                columns: columns,
                dataType: dataType,
                needed: overflow ? .max : needed,
                given: bytes.count
            )
        }
        self.dataType = dataType
        self.rows = rows
        self.columns = columns
        self.bytes = bytes
        self.owner = owner
        self.file = file
        self.offset = offset
    }

    /// Size of one row.
    public var bytesPerRow: Int { bytes.count / rows }

    /// Copies consecutive rows as they are stored.
    ///
    /// - Returns: whether they could be read.
    func read(_ rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        let range = rows.lowerBound * bytesPerRow..<rows.upperBound * bytesPerRow
        guard range.count <= buffer.count, range.upperBound <= bytes.count else { return false }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])
        if let file { return file.read(from: offset + range.lowerBound, into: target) }
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        return true
    }

    /// A copy of the stored rows in memory that nobody else can change or take away.
    ///
    /// - Throws: `TensorError.outOfMemory` or `.unreadable`.
    public func copiedToMemory() throws(TensorError) -> StoredMatrix {
        let memory = try AlignedMemory(byteCount: bytes.count)
        guard read(0..<rows, into: memory.bytes) else {
            throw .unreadable(rows: rows, columns: columns, dataType: dataType)
        }
        let copy = UnsafeRawBufferPointer(rebasing: memory.bytes[..<bytes.count])
        return try StoredMatrix(dataType: dataType, rows: rows, columns: columns, bytes: copy, owner: memory)
    }
}
