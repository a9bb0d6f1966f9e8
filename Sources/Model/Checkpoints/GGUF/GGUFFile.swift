/// A GGUF file, version 2 or 3, little-endian: metadata, a table of tensors, and their data, all left in the mapping.
///
/// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
public struct GGUFFile: Sendable {
    /// The mapped file.
    public let file: MappedFile
    /// The version of the format.
    public let version: UInt32
    /// Keys and values.
    public let metadata: GGUFMetadata
    /// Where the keys and values are, in bytes from the start of the file.
    let keyBytes: Range<Int>
    /// Tensors in the file's order.
    public let tensors: [GGUFTensor]

    /// Where the file is, for messages.
    public var path: String { file.path }

    /// Maps a file and reads all of it but the tensors' data, which it only makes sure is there.
    ///
    /// - Throws: `CheckpointError` naming the field that is cut off, contradictory or over its limit.
    public static func open(path: String) throws(CheckpointError) -> GGUFFile {
        let file = try MappedFile(path: path)
        var reader = CheckedReader(file)
        let version = try header(&reader)
        // The smallest entries: key length, type, one byte; and name length, dimension count, type, offset.
        let tensorCount = try reader.count("tensor count", itemSize: 24, limit: 1 << 20)
        let keyCount = try reader.count("metadata count", itemSize: 13, limit: 1 << 20)
        let start = reader.offset
        let metadata = try reader.metadata(count: keyCount)
        let keyBytes = start..<reader.offset
        let tensors = try GGUFTensorTable.read(count: tensorCount, metadata: metadata, reader: &reader)
        return GGUFFile(file: file, version: version, metadata: metadata, keyBytes: keyBytes, tensors: tensors)
    }

    private static func header(_ reader: inout CheckedReader) throws(CheckpointError) -> UInt32 {
        let path = reader.file.path
        let magic = Array(try reader.bytes(4, "magic"))
        guard magic == Array("GGUF".utf8) else {
            let found = magic.map { [$0].hexadecimal }.joined(separator: " ")
            throw .malformed(file: path, field: "magic", value: found, reason: "not a GGUF file")
        }
        let version = try reader.integer(UInt32.self, "version")
        if version & 0xFFFF == 0, version != 0 {
            throw .unsupported(file: path, reason: "big-endian GGUF files are not supported")
        }
        guard version == 2 || version == 3 else {
            throw .malformed(file: path, field: "version", value: "\(version)", reason: "only 2 and 3 are supported")
        }
        return version
    }
}
