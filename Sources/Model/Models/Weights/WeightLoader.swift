internal import Checkpoints
internal import Tensors

/// Takes tensors from a checkpoint, packs them, and tells how far it is.
struct WeightLoader {
    private var tensors: TensorCatalog
    private let pool: ThreadPool
    private let arena = MemoryArena()
    private let progress: ((Double) -> Void)?
    private let totalBytes: Int
    private var loadedBytes = 0
    /// What has been taken, as an engine keeps it.
    private(set) var record = WeightRecord()
    private let quantization: WeightQuantization
    private let importance: [String: ColumnImportance]
    private var quantizedCount = 0
    /// The tensors that matrices were packed from.
    private(set) var names: [ObjectIdentifier: String] = [:]
    /// How the matrices that can't be quantized are stored.
    private var otherFormats: Set<String> = []

    init(
        _ checkpoint: Checkpoint,
        quantization: WeightQuantization,
        importance: [String: ColumnImportance],
        partition: Partition,
        pool: ThreadPool,
        progress: ((Double) -> Void)?,
    ) {
        self.quantization = quantization
        self.importance = importance
        tensors = checkpoint.tensors
        self.pool = pool
        self.progress = progress
        totalBytes = max(1, tensors.byteCount / partition.layout.size)
        if partition.isWhole { tensors.prefetch() }
    }

    /// Takes some rows of the matrix `NAME.weight` as they are stored.
    mutating func source(_ name: String, _ rows: Extent, _ columns: Int) throws(ModelError) -> StoredMatrix {
        let name = name + ".weight"
        let matrix = try about(name) { try tensors.matrix(name, rows: rows.whole, columns: columns) }
        return try cut(matrix, name, rows)
    }

    private func cut(_ matrix: StoredMatrix, _ name: String, _ rows: Extent) throws(ModelError) -> StoredMatrix {
        try about(name) { rows.isWhole ? matrix : try matrix.selecting(rows: rows.part) }
    }

    /// Takes and packs some rows of the matrix `NAME.weight`.
    mutating func matrix(_ name: String, _ rows: Extent, _ columns: Int) throws(ModelError) -> PackedMatrix {
        try pack(try source(name, rows, columns), name: name + ".weight")
    }

    /// Takes and packs some rows of `NAME.weight`, and all of `NAME.bias` if it is there: what is added when all ranks' products
    /// have come together.
    mutating func output(_ name: String, _ rows: Extent, _ columns: Int) throws(ModelError) -> LinearWeights {
        LinearWeights(matrix: try matrix(name, rows, columns), bias: try optionalVector(name + ".bias", rows.whole))
    }

    /// Takes and packs some rows of `NAME.weight`, and takes those of `NAME.bias` if it must be or is there.
    mutating func linear(
        _ name: String,
        _ rows: Extent,
        _ columns: Int,
        needsBias: Bool = false,
    ) throws(ModelError) -> LinearWeights {
        let matrix = try matrix(name, rows, columns)
        let bias = try needsBias ? vector(name + ".bias", rows) : optionalVector(name + ".bias", rows)
        return LinearWeights(matrix: matrix, bias: bias)
    }

    /// Takes the norm `NAME.weight`, and `NAME.bias` if it is there.
    mutating func norm(_ name: String, _ count: Int) throws(ModelError) -> NormWeights {
        NormWeights(
            weight: try vector(name + ".weight", count),
            bias: try optionalVector(name + ".bias", count)
        )
    }

    /// Takes a vector if it is there.
    mutating func optionalVector(_ name: String, _ count: Int) throws(ModelError) -> FloatVector? {
        try optionalVector(name, .all(count))
    }

    /// Takes some numbers of a vector if it is there.
    mutating func optionalVector(_ name: String, _ numbers: Extent) throws(ModelError) -> FloatVector? {
        tensors.contains(name) ? try vector(name, numbers) : nil
    }

    /// Takes rows of the matrix `NAME.weight`, expanded to single precision row after row.
    mutating func rows(_ name: String, _ rows: Extent, _ columns: Int) throws(ModelError) -> FloatVector {
        try expand(try source(name, rows, columns), name: name + ".weight")
    }

    /// Takes some columns of some rows of a matrix if it is there, expanded to single precision row after row.
    mutating func optionalRows(_ name: String, _ rows: Extent, _ columns: Extent) throws(ModelError) -> FloatVector? {
        guard tensors.contains(name) else { return nil }
        let source = try about(name) { try tensors.matrix(name, rows: rows.whole, columns: columns.whole) }
        let whole = try expand(try cut(source, name, rows), name: name)
        return columns.isWhole ? whole : FloatVector(whole, columns: columns)
    }

    /// Whether the checkpoint has a tensor.
    func contains(_ name: String) -> Bool { tensors.contains(name) }

    /// Takes and packs some of the matrices `[entries][rows, columns]` of `NAME.weight`, and some rows of each.
    mutating func matrices(
        _ name: String,
        _ entries: Extent,
        _ rows: Extent,
        _ columns: Int,
    ) throws(ModelError) -> [PackedMatrix] {
        var matrices: [PackedMatrix] = []
        let name = name + ".weight"
        for index in entries.part {
            let source = try about(name) {
                try tensors.matrix(name, index: index, of: entries.whole, rows: rows.whole, columns: columns)
            }
            matrices.append(try pack(try cut(source, name, rows), name: name, index: index))
        }
        return matrices
    }

    /// Packs rows in single precision, `[rows, columns]`, one part after the other.
    mutating func pack(rows parts: [FloatVector], columns: Int) throws(ModelError) -> PackedMatrix {
        try about("of a router") {
            let count = parts.reduce(0) { $0 + $1.count }
            let memory = try AlignedMemory(byteCount: count * MemoryLayout<Float>.size)
            var next = memory.start(of: Float.self)
            for part in parts {
                next.update(from: part.base, count: part.count)
                next += part.count
            }
            let matrix = try StoredMatrix(
                dataType: .f32,
                rows: count / columns,
                columns: columns,
                bytes: UnsafeRawBufferPointer(rebasing: memory.bytes[..<(count * MemoryLayout<Float>.size)]),
                owner: memory
            )
            return try PackedMatrix(packing: matrix, pool: pool, arena: arena)
        }
    }

    private mutating func expand(_ source: StoredMatrix, name: String) throws(ModelError) -> FloatVector {
        try about(name) {
            let vector = try FloatVector(source)
            record.add(vector, name: name, rows: source.rows)
            return vector
        }
    }

    /// Packs a matrix.
    ///
    /// - Parameter index: Which of several it is that make one tensor.
    mutating func pack(_ source: StoredMatrix, name: String, index: Int? = nil) throws(ModelError) -> PackedMatrix {
        try about(name) {
            let rounding = rounding(of: source, name: name)
            let packed = try PackedMatrix(packing: source, rounding: rounding, pool: pool, arena: arena)
            quantizedCount += rounding == nil ? 0 : 1
            names[ObjectIdentifier(packed)] = name
            record.add(packed, name: name, isEntry: index != nil)
            if !source.format.canBeRounded { otherFormats.insert(source.format.name) }
            loadedBytes += source.byteCount
            progress?(min(1, Double(loadedBytes) / Double(totalBytes)))
            return packed
        }
    }

    /// How a matrix's numbers are rounded; `nil` if they stay as they are stored.
    private func rounding(of source: StoredMatrix, name: String) -> MatrixRounding? {
        guard source.format.canBeRounded else { return nil }
        return quantization.rounding(of: name, columns: source.columns, importance: importance[name])
    }

    /// Whether the packed matrix has the very numbers that are stored.
    func keepsNumbers(of source: StoredMatrix, name: String) -> Bool {
        source.format.packsExactly && rounding(of: source, name: name) == nil
    }

    /// Copies a matrix to memory as it is stored.
    mutating func copy(_ source: StoredMatrix, name: String) throws(ModelError) -> StoredMatrix {
        try about(name) {
            let copy = try source.copiedToMemory(pool: pool)
            record.add(copy, name: name)
            return copy
        }
    }

    /// Takes a vector, expanded to single precision.
    mutating func vector(_ name: String, _ count: Int) throws(ModelError) -> FloatVector {
        try vector(name, .all(count))
    }

    /// Takes some numbers of a vector, expanded to single precision.
    mutating func vector(_ name: String, _ numbers: Extent) throws(ModelError) -> FloatVector {
        let source = try about(name) { try tensors.vector(name, count: numbers.whole) }
        let vector = try expand(source, name: name)
        return numbers.isWhole ? vector : FloatVector(vector, numbers.part)
    }

    /// Leaves a tensor to other ranks.
    mutating func leave(_ name: String) { tensors.ignore(name) }

    /// The names of all tensors.
    var tensorNames: [String] { tensors.names }

    /// Checks that no tensor is left, and that there was something to quantize if that was asked for.
    func finish() throws(ModelError) {
        do {
            try tensors.requireAllTaken()
        } catch {
            throw .checkpoint(error)
        }
        if quantization.algorithm != .unquantized, quantizedCount == 0 {
            let formats = otherFormats.sorted().joined(separator: ", ")
            let reason = formats.isEmpty ? "all of them are excluded" : "they are stored as \(formats)"
            throw .nothingToQuantize(algorithm: quantization.algorithm.rawValue, reason: reason)
        }
        progress?(1)
    }
}

/// Does work on a tensor; its errors name the tensor.
private func about<Result>(_ name: String, _ work: () throws -> Result) throws(ModelError) -> Result {
    do {
        return try work()
    } catch let error as CheckpointError {
        throw .checkpoint(error)
    } catch {
        throw .unusableTensor(name: name, reason: "\(error)")
    }
}
