/// A cursor over a mapped file's little-endian fields; no read leaves the file, and every failure names the field.
package struct CheckedReader {
    /// The file read from.
    package let file: MappedFile
    /// Bytes from the start of the file.
    package private(set) var offset = 0

    /// A cursor at the file's first byte.
    package init(_ file: MappedFile) { self.file = file }

    /// Bytes from the cursor to the end.
    package var remaining: Int { file.count - offset }

    /// Takes the next `count` bytes.
    ///
    /// - Throws: `CheckpointError.truncated` if fewer are left.
    package mutating func bytes(
        _ count: Int,
        _ field: @autoclosure () -> String,
    ) throws(CheckpointError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining, let slice = file.slice(offset..<offset + count) else {
            throw .truncated(file: file.path, field: field(), needs: count, has: remaining)
        }
        offset += count
        return slice
    }

    /// Takes an integer.
    ///
    /// - Throws: `CheckpointError.truncated` if the file ends inside it.
    package mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type,
        _ field: @autoclosure () -> String,
    ) throws(CheckpointError) -> Number {
        let raw = try bytes(MemoryLayout<Number>.size, field())
        return Number(littleEndian: raw.loadUnaligned(as: Number.self))
    }

    /// Takes a 64-bit count of items that take at least `itemSize` bytes each, and checks that they can be there.
    ///
    /// - Throws: `CheckpointError.tooLarge` for more than `limit`; `.truncated` if the file can't hold them.
    package mutating func count(
        _ field: @autoclosure () -> String,
        itemSize: Int,
        limit: Int = .max,
    ) throws(CheckpointError) -> Int {
        let value = try integer(UInt64.self, field())
        guard value <= UInt64(limit), let count = Int(exactly: value) else {
            throw .tooLarge(file: file.path, field: field(), value: value, limit: UInt64(limit))
        }
        let (needs, overflow) = count.multipliedReportingOverflow(by: itemSize)
        guard !overflow, needs <= remaining else {
            throw .truncated(file: file.path, field: field(), needs: overflow ? .max : needs, has: remaining)
        }
        return count
    }

    /// Takes a 64-bit length and that many bytes.
    ///
    /// - Throws: `CheckpointError.tooLarge` for a length over `limit`; `.truncated` if the file ends before.
    package mutating func string(
        _ field: @autoclosure () -> String,
        limit: Int = .max,
    ) throws(CheckpointError) -> Range<Int> {
        let length = try count("length of \(field())", itemSize: 1, limit: limit)
        let start = offset
        _ = try bytes(length, field())
        return start..<offset
    }
}
