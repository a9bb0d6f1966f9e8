internal import Tensors

/// A GGUF file's metadata and a few of its tensors as a file of their own.
enum GGUFMetadataFile {
    /// The file.
    ///
    /// - Throws: `CheckpointError` if the metadata or a tensor can't be read any more.
    static func bytes(_ file: GGUFFile, tensors: [StoredTensor]) throws(CheckpointError) -> [UInt8] {
        var bytes = Array("GGUF".utf8)
        append(file.version, to: &bytes)
        append(UInt64(tensors.count), to: &bytes)
        append(UInt64(file.metadata.keys.count), to: &bytes)
        bytes += try file.file.bytes(file.keyBytes)
        let alignment = try file.metadata.integer("general.alignment", in: 8...1 << 20) ?? 32
        var data: [UInt8] = []
        for tensor in tensors {
            pad(&data, to: alignment)
            append(UInt64(tensor.name.utf8.count), to: &bytes)
            bytes += tensor.name.utf8
            append(UInt32(tensor.shape.count), to: &bytes)
            for length in tensor.shape.reversed() { append(UInt64(length), to: &bytes) }
            append((tensor.dataType ?? .f32).rawValue, to: &bytes)
            append(UInt64(data.count), to: &bytes)
            data += try tensor.file.bytes(tensor.offset..<tensor.offset + (tensor.byteCount ?? 0))
        }
        guard !tensors.isEmpty else { return bytes }
        pad(&bytes, to: alignment)
        return bytes + data
    }

    private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    private static func pad(_ bytes: inout [UInt8], to alignment: Int) {
        bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
    }
}
