/// A run of bytes inside a mapped file, read only when asked for.
public struct MappedBytes: Sendable {
    /// The file, kept mapped.
    let file: MappedFile
    /// Where in the file; checked when made.
    let range: Range<Int>

    /// `nil` if the range isn't inside the file.
    init?(file: MappedFile, range: Range<Int>) {
        guard file.slice(range) != nil else { return nil }
        self.file = file
        self.range = range
    }

    /// Number of bytes.
    public var count: Int { range.count }

    /// A copy of the bytes.
    public var array: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The text, if the bytes are UTF-8.
    public var text: String? { withUnsafeBytes { String(validating: $0, as: UTF8.self) } }

    /// Runs `body` with the bytes, valid during the call.
    public func withUnsafeBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result,
    ) throws(Failure) -> Result {
        try body(file.slice(range) ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }
}
