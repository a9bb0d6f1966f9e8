internal import Glibc
internal import Tensors

/// An engine file, mapped; all but the weights has been read and checked.
struct EngineFile: Sendable {
    let file: MappedFile
    let header: EngineHeader
    /// Where the weights start, in bytes from the start of the file.
    private let weightsStart: Int
    /// Sums of the weights, tensor by tensor, piece by piece.
    private let sums: [UInt64]

    /// Opens the engine file of a directory.
    ///
    /// - Throws: `CheckpointError` saying what is damaged, foreign or of another version.
    init(directory: String) throws(CheckpointError) {
        file = try MappedFile(path: "\(directory)/\(EngineFormat.weightsFile)")
        var reader = CheckedReader(file)
        try Self.checkOrigin(&reader)
        let headerBytes = try reader.count("size of the header", itemSize: 1, limit: EngineFormat.headerLimit)
        let sumCount = try reader.count("number of sums", itemSize: 8, limit: EngineFormat.sumLimit)
        let expected = try reader.integer(UInt64.self, "sum of the header")
        let size = headerBytes + 8 * sumCount
        guard size <= reader.remaining else {
            throw .truncated(file: file.path, field: "header", needs: size, has: reader.remaining)
        }
        // Copies: mapped pages may change or go.
        let bytes = try file.bytes(0..<EngineFormat.preambleBytes + size)
        guard Self.sum(bytes) == expected else {
            throw .unsupported(file: file.path, reason: "it is damaged: the header doesn't have the sum that it should")
        }
        let start = EngineFormat.preambleBytes
        header = try EngineHeader(Array(bytes[start..<start + headerBytes]), file: file.path)
        sums = bytes[(start + headerBytes)...].withUnsafeBytes { raw in
            (0..<sumCount).map { UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) }
        }
        weightsStart = Self.weightsStart(headerBytes: headerBytes, sumCount: sumCount)
        let has = max(0, file.count - weightsStart)
        guard header.weightBytes <= has else {
            throw .truncated(file: file.path, field: "weights", needs: header.weightBytes, has: has)
        }
        let needed = header.tensors.reduce(0) { $0 + $1.sumCount }
        guard needed == sumCount else {
            let reason = "its tensors need \(needed)"
            throw .malformed(file: file.path, field: "number of sums", value: "\(sumCount)", reason: reason)
        }
    }

    /// Where the weights start behind a header and a table of sums.
    static func weightsStart(headerBytes: Int, sumCount: Int) -> Int {
        let end = EngineFormat.preambleBytes + headerBytes + 8 * sumCount
        return (end + EngineFormat.weightsAlignment - 1) / EngineFormat.weightsAlignment * EngineFormat.weightsAlignment
    }

    /// The sum of preamble, header and table.
    static func sum(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { raw in
            let sizes = XXHash64.sum(UnsafeRawBufferPointer(rebasing: raw[..<EngineFormat.summedPreambleBytes]))
            return XXHash64.sum(UnsafeRawBufferPointer(rebasing: raw[EngineFormat.preambleBytes...]), seed: sizes)
        }
    }

    private static func checkOrigin(_ reader: inout CheckedReader) throws(CheckpointError) {
        let path = reader.file.path
        guard Array(try reader.bytes(EngineFormat.magic.count, "magic")) == EngineFormat.magic else {
            throw .unsupported(
                file: path,
                reason: "it isn't an engine of this program (those of TensorRT hold programs for GPUs): build one with "
                    + "trtllm-build, or serve the checkpoint itself"
            )
        }
        let version = try reader.integer(UInt32.self, "version")
        let order = try reader.integer(UInt32.self, "byte order")
        guard order == EngineFormat.byteOrder else {
            throw .unsupported(file: path, reason: "it was built on a machine with another byte order: build it here")
        }
        guard version == EngineFormat.version else {
            let age = version > EngineFormat.version ? "newer" : "older"
            throw .unsupported(
                file: path,
                reason: "its format has version \(version), which is \(age) than that of this program, "
                    + "\(EngineFormat.version): build it anew"
            )
        }
    }

    /// The tensors with what is needed to read them.
    func storedTensors() -> [StoredTensor] {
        var first = 0
        return header.tensors.map { tensor in
            defer { first += tensor.sumCount }
            return StoredTensor(
                name: tensor.name,
                shape: tensor.shape,
                dataType: nil,
                typeName: tensor.format.name,
                byteCount: tensor.byteCount,
                file: file,
                offset: weightsStart + tensor.offset,
                content: EngineTensorReader(
                    tensor: tensor,
                    file: file,
                    start: weightsStart + tensor.offset,
                    sums: Array(sums[first..<first + tensor.sumCount])
                )
            )
        }
    }
}
