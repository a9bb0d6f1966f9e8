public import Tensors

/// The tensors of a checkpoint by name, and which of them have been taken.
///
/// Loading is strict: a model takes what it needs with the shape it expects and then calls `requireAllTaken`, so that
/// a missing, misshapen or unknown tensor is an error and not a wrong answer.
public struct TensorCatalog: Sendable {
    /// A tensor and the file that holds its data.
    private struct Entry: Sendable {
        var tensor: GGUFTensor
        var file: MappedFile
    }

    /// The checkpoint's (first) file, for messages.
    public let file: String
    /// All names in the order of the files.
    public let names: [String]
    private let entries: [String: Entry]
    private var taken: Set<String> = []

    /// The tensors of a checkpoint's files.
    ///
    /// - Throws: `CheckpointError.malformed` if two files hold a tensor of the same name.
    package init(file: String, parts: [GGUFFile]) throws(CheckpointError) {
        var names: [String] = []
        var entries: [String: Entry] = [:]
        for part in parts {
            for tensor in part.tensors {
                guard entries.updateValue(Entry(tensor: tensor, file: part.file), forKey: tensor.name) == nil else {
                    let reason = "another file of the checkpoint has it too"
                    throw .malformed(file: part.path, field: "tensor name", value: "'\(tensor.name)'", reason: reason)
                }
                names.append(tensor.name)
            }
        }
        self.file = file
        self.names = names
        self.entries = entries
    }

    /// Number of tensors.
    public var count: Int { names.count }

    /// Bytes of all tensors whose type is known.
    public var byteCount: Int { entries.values.reduce(0) { $0 + ($1.tensor.byteCount ?? 0) } }

    /// Names that nobody has taken yet, in the order of the files.
    public var unused: [String] { names.filter { !taken.contains($0) } }

    /// Whether there is a tensor of that name.
    public func contains(_ name: String) -> Bool { entries[name] != nil }

    /// A tensor's entry, without taking it.
    public subscript(name: String) -> GGUFTensor? { entries[name]?.tensor }

    /// Takes the matrix `[rows, columns]`.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `.wrongShape` or `.unsupportedTensorType`.
    public mutating func matrix(_ name: String, rows: Int, columns: Int) throws(CheckpointError) -> StoredMatrix {
        try take(name, shape: [rows, columns])
    }

    /// Takes the vector `[count]` as a matrix of one row.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `.wrongShape` or `.unsupportedTensorType`.
    public mutating func vector(_ name: String, count: Int) throws(CheckpointError) -> StoredMatrix {
        try take(name, shape: [count])
    }

    /// Takes one matrix `[rows, columns]` of `count` that make one tensor: an expert's.
    ///
    /// The tensor counts as taken from the first one on.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `.wrongShape` or `.unsupportedTensorType`.
    public mutating func matrix(
        _ name: String,
        index: Int,
        of count: Int,
        rows: Int,
        columns: Int,
    ) throws(CheckpointError) -> StoredMatrix {
        try take(name, shape: [count, rows, columns], index: index)
    }

    /// Marks a tensor as known though nobody reads it; nothing happens if it isn't there.
    public mutating func ignore(_ name: String) { taken.insert(name) }

    /// Checks that no tensor is left.
    ///
    /// - Throws: `CheckpointError.unusedTensors` with the names of those that are.
    public func requireAllTaken() throws(CheckpointError) {
        let unused = unused
        guard unused.isEmpty else { throw .unusedTensors(file: file, tensors: unused) }
    }

    /// Has the kernel fetch the stored weights, all of which are soon read.
    public func prefetch() {
        for entry in entries.values {
            entry.file.prefetch(entry.tensor.offset..<entry.tensor.offset + (entry.tensor.byteCount ?? 0))
        }
    }

    private mutating func take(_ name: String, shape: [Int], index: Int = 0) throws(CheckpointError) -> StoredMatrix {
        guard let entry = entries[name] else { throw .missingTensor(file: file, tensor: name) }
        let tensor = entry.tensor
        // Outer dimensions of 1 may be stored or not.
        guard tensor.shape.drop(while: { $0 == 1 }) == shape.drop(while: { $0 == 1 }) else {
            throw .wrongShape(file: entry.file.path, tensor: name, expected: shape, found: tensor.shape)
        }
        guard let type = tensor.dataType, let count = tensor.byteCount else {
            throw .unsupportedTensorType(
                file: entry.file.path,
                tensor: name,
                type: tensor.typeName,
                supported: DataType.allCases.map(\.name)
            )
        }
        let rows = shape.count > 1 ? shape[shape.count - 2] : 1
        let size = shape.count > 2 ? count / shape[0] : count
        let offset = tensor.offset + index * size
        guard let bytes = entry.file.slice(offset..<offset + size) else {
            throw .truncated(file: entry.file.path, field: "data of tensor '\(name)'", needs: count, has: 0)
        }
        let source: StoredMatrix
        do {
            source = try StoredMatrix(
                dataType: type,
                rows: rows,
                columns: shape.last ?? 1,
                bytes: bytes,
                owner: entry.file,
                file: entry.file,
                offset: offset
            )
        } catch {
            throw .malformed(file: entry.file.path, field: "tensor '\(name)'", value: "\(shape)", reason: "\(error)")
        }
        taken.insert(name)
        return source
    }
}
