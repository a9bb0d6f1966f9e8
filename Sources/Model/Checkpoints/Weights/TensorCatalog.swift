public import Tensors

/// The tensors of a checkpoint by llama.cpp's names for them, and which of them have been taken.
///
/// A model finds the same tensors in every kind of checkpoint: queries, keys, values, gates and ups are matrices of their
/// own also where files have them in one; experts and latent heads are entries of one tensor.
///
/// Loading is strict: a model takes what it needs with the shape it expects and then calls `requireAllTaken`, so that
/// a missing, misshapen or unknown tensor is an error and not a wrong answer.
public struct TensorCatalog: Sendable {
    /// The checkpoint's (first) file, for messages.
    public let file: String
    /// All names in the order of the files.
    public let names: [String]
    /// Bytes that the tensors take in their files, without those whose type isn't known.
    public let byteCount: Int
    private let views: [String: TensorView]
    private var taken: Set<String> = []

    /// The tensors that a builder has collected.
    ///
    /// - Throws: `CheckpointError` for a stack that lacks an entry or whose entries differ.
    init(file: String, _ builder: TensorViewBuilder) throws(CheckpointError) {
        self.file = file
        names = builder.names
        views = try builder.views()
        byteCount = Self.tensors(of: views).reduce(0) { $0 + ($1.byteCount ?? 0) }
    }

    /// Number of tensors.
    public var count: Int { names.count }

    /// Names that nobody has taken yet, in the order of the files.
    public var unused: [String] { names.filter { !taken.contains($0) } }

    /// Whether there is a tensor of that name.
    public func contains(_ name: String) -> Bool { views[name] != nil }

    /// A tensor's dimensions, outermost first, without taking it; `nil` if there is none.
    public func shape(of name: String) -> [Int]? { views[name]?.shape }

    /// The name of the type that a tensor is stored in, as in "Q4_K"; `nil` if there is none.
    public func typeName(of name: String) -> String? { views[name]?.tensors[0].typeName }

    /// Takes the matrix `[rows, columns]`.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `.wrongShape` or `.unsupportedTensorType`.
    public mutating func matrix(_ name: String, rows: Int, columns: Int) throws(CheckpointError) -> StoredMatrix {
        let matrix = try view(name, shape: [rows, columns]).matrix()
        taken.insert(name)
        return matrix
    }

    /// Takes the vector `[count]` as a matrix of one row.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `.wrongShape` or `.unsupportedTensorType`.
    public mutating func vector(_ name: String, count: Int) throws(CheckpointError) -> StoredMatrix {
        let matrix = try view(name, shape: [count]).matrix()
        taken.insert(name)
        return matrix
    }

    /// Takes one matrix `[rows, columns]` of `count` that make one tensor: an expert's, or a latent head's.
    ///
    /// The tensor counts as taken from the first one on. Where matrices have to be put together, this makes only the one.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `.wrongShape` or `.unsupportedTensorType`.
    public mutating func matrix(
        _ name: String,
        index: Int,
        of count: Int,
        rows: Int,
        columns: Int,
    ) throws(CheckpointError) -> StoredMatrix {
        guard let matrix = try view(name, shape: [count, rows, columns]).entry(index) else {
            throw .missingTensor(file: file, tensor: "\(name)[\(index)]")
        }
        taken.insert(name)
        return matrix
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
        for tensor in Self.tensors(of: views) {
            tensor.file.prefetch(tensor.offset..<tensor.offset + (tensor.byteCount ?? 0))
        }
    }

    /// A checksum of some bytes from the middle of each tensor, which the same model trained further has others of.
    ///
    /// Bytes that can't be read count as zeros.
    public var sampleSum: UInt64 {
        let tensors = Self.tensors(of: views).sorted { ($0.name, $0.offset) < ($1.name, $1.offset) }
        var bytes = [UInt8](repeating: 0, count: tensors.count * Self.sampleBytes)
        bytes.withUnsafeMutableBytes { bytes in
            for (index, tensor) in tensors.enumerated() {
                let count = min(Self.sampleBytes, tensor.byteCount ?? 0)
                let first = index * Self.sampleBytes
                let target = UnsafeMutableRawBufferPointer(rebasing: bytes[first..<first + count])
                _ = tensor.file.read(from: tensor.offset + ((tensor.byteCount ?? 0) - count) / 2, into: target)
            }
        }
        return bytes.withUnsafeBytes { XXHash64.sum($0) }
    }

    private static let sampleBytes = 256

    /// The tensor of a name, if it has that shape; outer dimensions of 1 may be stored or not.
    private func view(_ name: String, shape: [Int]) throws(CheckpointError) -> TensorView {
        guard let view = views[name] else { throw .missingTensor(file: file, tensor: name) }
        guard view.shape.drop(while: { $0 == 1 }) == shape.drop(while: { $0 == 1 }) else {
            let path = view.tensors[0].file.path
            throw .wrongShape(file: path, tensor: name, expected: shape, found: view.shape)
        }
        return view
    }

    /// Every stored tensor that is used, once.
    private static func tensors(of views: [String: TensorView]) -> [StoredTensor] {
        struct Place: Hashable {
            var file: ObjectIdentifier
            var offset: Int
        }
        var places: Set<Place> = []
        return views.values.flatMap(\.tensors).filter {
            ($0.byteCount ?? 0) > 0 && places.insert(Place(file: ObjectIdentifier($0.file), offset: $0.offset)).inserted
        }
    }
}
