internal import Checkpoints
internal import Tensors

/// What a model has taken from its checkpoint, by names: what is written to an engine and then taken in the same way.
struct WeightRecord: Sendable {
    private enum Content: Sendable {
        case packed(PackedMatrix)
        /// Matrices that make one tensor.
        case stack([PackedMatrix])
        case vector(FloatVector, rows: Int)
        case stored(StoredMatrix)
    }

    private var names: [String] = []
    private var contents: [String: Content] = [:]

    /// Nothing.
    init() {}

    /// Adds a packed matrix.
    ///
    /// - Parameter isEntry: Whether it is one of several that make one tensor, which come in order.
    mutating func add(_ matrix: PackedMatrix, name: String, isEntry: Bool) {
        guard isEntry else { return add(.packed(matrix), name: name) }
        if case .stack(let matrices) = contents[name] {
            contents[name] = .stack(matrices + [matrix])
        } else {
            add(.stack([matrix]), name: name)
        }
    }

    /// Adds numbers in single precision, `[rows, columns]`.
    mutating func add(_ vector: FloatVector, name: String, rows: Int) { add(.vector(vector, rows: rows), name: name) }

    /// Adds a matrix that stays as it is stored.
    mutating func add(_ matrix: StoredMatrix, name: String) { add(.stored(matrix), name: name) }

    /// Of an embedding that is the output matrix as well and lies in memory twice, the packed one is recorded as that.
    private mutating func add(_ content: Content, name: String) {
        switch (contents[name], content) {
        case (.packed(let matrix), .stored): insert(.packed(matrix), name: "output.weight")
        case (.stored, .packed): return insert(content, name: "output.weight")
        default: break
        }
        insert(content, name: name)
    }

    private mutating func insert(_ content: Content, name: String) {
        if contents.updateValue(content, forKey: name) == nil { names.append(name) }
    }

    /// The tensors of an engine.
    ///
    /// - Throws: `CheckpointError.unsupported` for matrices of one tensor that are packed in different ways.
    func tensors() throws(CheckpointError) -> [EngineTensorContent] {
        var tensors: [EngineTensorContent] = []
        for name in names {
            guard let content = contents[name], let tensor = Self.tensor(name, content) else {
                throw .unsupported(file: name, reason: "its matrices differ, which engines can't hold")
            }
            tensors.append(tensor)
        }
        return tensors
    }

    private static func tensor(_ name: String, _ content: Content) -> EngineTensorContent? {
        switch content {
        case .packed(let matrix):
            return EngineTensorContent(
                name,
                shape: [matrix.rows, matrix.columns],
                format: .packed(matrix.layout),
                matrices: [matrix.content]
            )
        case .stack(let matrices):
            guard let first = matrices.first, matrices.allSatisfy({ $0.layout == first.layout }) else { return nil }
            return EngineTensorContent(
                name,
                shape: [matrices.count, first.rows, first.columns],
                format: .packed(first.layout),
                matrices: matrices.map(\.content)
            )
        case .vector(let vector, let rows):
            let columns = vector.count / max(1, rows)
            return EngineTensorContent(
                name,
                shape: rows == 1 ? [columns] : [rows, columns],
                format: .blocks(.f32),
                matrices: [vector.content]
            )
        case .stored(let matrix):
            if let rows = matrix.rowBytes {
                return EngineTensorContent(
                    name,
                    shape: [matrix.rows, matrix.columns],
                    format: .blocks(rows.type),
                    matrices: [rows.content]
                )
            }
            return (try? FloatVector(matrix)).flatMap { tensor(name, .vector($0, rows: matrix.rows)) }
        }
    }
}

extension FloatVector {
    /// Its bytes.
    var content: StoredPart {
        StoredPart(bytes: UnsafeRawBufferPointer(start: base, count: count * MemoryLayout<Float>.size), owner: self)
    }
}
