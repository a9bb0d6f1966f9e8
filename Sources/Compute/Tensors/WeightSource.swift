/// A weight matrix as it stands in a checkpoint: `[rows, columns]` = `[output features, input features]`, row by row.
public struct WeightSource: @unchecked Sendable {  // the bytes are never written and `owner` keeps them alive
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

    /// A matrix in memory that `owner` keeps alive.
    ///
    /// - Throws: `TensorError` if the shape isn't positive whole blocks or doesn't match the bytes.
    public init(
        dataType: DataType,
        rows: Int,
        columns: Int,
        bytes: UnsafeRawBufferPointer,
        owner: (any AnyObject & Sendable)?,
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
    }

    /// Size of one row.
    public var bytesPerRow: Int { bytes.count / rows }
}
