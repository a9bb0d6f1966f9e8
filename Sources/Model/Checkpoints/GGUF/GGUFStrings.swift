/// An array of strings that stay in the mapped file; 4 bytes of memory each.
public struct GGUFStrings: Sendable, RandomAccessCollection {
    /// The array's elements as stored: a 64-bit length, then the bytes.
    private let bytes: MappedBytes
    /// Where each string's length stands, from the start of `bytes`.
    private let starts: [UInt32]

    /// Walks over `count` strings from the reader's place.
    ///
    /// - Throws: `CheckpointError` if the file ends before, or the array is larger than 4 GiB.
    init(count: Int, reader: inout CheckedReader, field: String) throws(CheckpointError) {
        let file = reader.file
        let first = reader.offset
        let most = Int(UInt32.max)
        var starts: [UInt32] = []
        for index in 0..<count {
            let start = reader.offset - first
            guard start <= most else {
                throw .tooLarge(file: file.path, field: "size of \(field)", value: UInt64(start), limit: UInt64(most))
            }
            starts.append(UInt32(start))
            _ = try reader.string("\(field)[\(index)]")
        }
        guard let bytes = MappedBytes(file: file, range: first..<reader.offset) else {
            throw .truncated(file: file.path, field: field, needs: reader.offset - first, has: 0)
        }
        self.bytes = bytes
        self.starts = starts
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of strings.
    public var endIndex: Int { starts.count }

    /// A copy of one string's bytes.
    public subscript(index: Int) -> [UInt8] {
        let start = Int(starts[index]) + 8
        let end = index + 1 < starts.count ? Int(starts[index + 1]) : bytes.count
        return bytes.withUnsafeBytes { Array($0[start..<end]) }
    }
}
