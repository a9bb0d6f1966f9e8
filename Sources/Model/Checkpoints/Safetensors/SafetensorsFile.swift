internal import OrderedJSON

/// A safetensors file: the length of a header, a header in JSON, and the tensors' data without gaps.
///
/// Format: https://github.com/huggingface/safetensors#format
struct SafetensorsFile {
    /// The mapped file.
    let file: MappedFile
    /// Tensors in the order of their data.
    let tensors: [StoredTensor]

    /// Most bytes of a header: the format's limit.
    static let headerLimit = 100_000_000
    /// Bounds on the values in a header: more than 100,000 tensors, and a tree of half a gigabyte at most.
    private static let limits = JSONLimits(depth: 4, values: 2_000_000, containers: 500_000, allowsDuplicates: false)

    /// Maps a file and reads its header; the data is only made sure to be there.
    ///
    /// - Throws: `CheckpointError` naming the field that is cut off, contradictory or over its limit.
    init(path: String, headerLimit: Int = Self.headerLimit) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        var reader = CheckedReader(file)
        let length = try reader.count("length of the header", itemSize: 1, limit: headerLimit)
        let start = reader.offset
        _ = try reader.bytes(length, "header")
        let header = try JSONFile.object(
            try file.bytes(start..<start + length),
            file: path,
            field: "header",
            limits: Self.limits
        )
        var tensors: [StoredTensor] = []
        for (name, value) in header where name != "__metadata__" {
            guard name.utf8.count <= SafetensorsEntry.longestName else {
                let (count, limit) = (UInt64(name.utf8.count), UInt64(SafetensorsEntry.longestName))
                throw .tooLarge(
                    file: path,
                    field: "length of the name '\(name.prefix(40))...'",
                    value: count,
                    limit: limit
                )
            }
            let entry = SafetensorsEntry(file: file, name: name, dataStart: start + length)
            tensors.append(try entry.tensor(value))
        }
        tensors.sort { ($0.offset, $0.byteCount ?? 0) < ($1.offset, $1.byteCount ?? 0) }
        try Self.rejectGaps(tensors, from: start + length, file: file)
        self.file = file
        self.tensors = tensors
    }

    /// Makes sure that every byte of data belongs to exactly one tensor.
    private static func rejectGaps(
        _ tensors: [StoredTensor],
        from start: Int,
        file: MappedFile,
    ) throws(CheckpointError) {
        var end = start
        for tensor in tensors {
            guard tensor.offset == end else {
                let reason =
                    tensor.offset < end ? "its data overlaps that of another" : "there is a gap before its data"
                throw .malformed(
                    file: file.path,
                    field: "data_offsets of tensor '\(tensor.name)'",
                    value: "\(tensor.offset - start)",
                    reason: reason
                )
            }
            end += tensor.byteCount ?? 0
        }
        guard end == file.count else {
            let value = "\(file.count - start) bytes"
            let reason = "the header accounts for \(end - start)"
            throw .malformed(file: file.path, field: "size of the data", value: value, reason: reason)
        }
    }
}
