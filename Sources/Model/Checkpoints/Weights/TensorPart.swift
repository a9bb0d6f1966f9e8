internal import Tensors

/// A matrix or vector that is a file's tensor or cut out of one.
struct TensorPart: Sendable {
    /// Where it is cut from.
    let tensor: StoredTensor
    /// What is cut.
    let target: TensorTarget
    /// Dimensions of what is cut, outermost first.
    let shape: [Int]
    /// Dimensions before anything is selected: of the tensor, or of one of its entries.
    private let whole: [Int]

    /// Cuts a part out of a tensor.
    ///
    /// - Throws: `CheckpointError.malformed` if the tensor's shape doesn't have it.
    init(_ tensor: StoredTensor, _ target: TensorTarget) throws(CheckpointError) {
        var shape = tensor.shape
        if let entry = target.entry {
            guard shape.count >= 2, entry >= 0, entry < shape[0] else {
                throw tensor.malformed("it has no entry \(entry)")
            }
            shape.removeFirst()
        }
        whole = shape
        if let selection = target.selection {
            let axis = target.axis == .rows ? 0 : 1
            guard axis < shape.count, shape.count <= 2, selection.fits(shape[axis]) else {
                let last = selection.start + (selection.count - 1) * selection.stride + selection.run
                throw tensor.malformed("\(last) or more \(target.axis) are needed")
            }
            shape[axis] = selection.length
        }
        if target.isTransposed {
            guard shape.count == 2 else { throw tensor.malformed("two dimensions are needed") }
            shape.reverse()
        }
        guard target.addend == 0 || shape.count == 1 else { throw tensor.malformed("one dimension is needed") }
        self.tensor = tensor
        self.target = target
        self.shape = shape
    }

    /// One entry of the outermost dimension, where all of the tensor is taken as it is; otherwise `nil`.
    func entry(_ index: Int) -> TensorPart? {
        guard target.entry == nil, target.selection == nil, !target.isTransposed, shape.count == 3 else { return nil }
        var target = target
        target.entry = index
        return try? TensorPart(tensor, target)
    }

    /// The numbers where they lie, a vector as a matrix of one row; or a copy in single precision of those that have to be
    /// changed or can't be reached where they are.
    ///
    /// - Throws: `CheckpointError` if they are stored in a way that can't be read.
    func matrix() throws(CheckpointError) -> StoredMatrix {
        guard shape.count == 2 else { return try vector() }
        guard target.isTransposed else { return try selected(try stored(), target.selection) }
        // Input features first in the file: what is selected of them is rows here.
        if target.selection == nil || target.axis == .columns {
            let all = try tensor.matrix(from: start, rows: whole[1], columns: whole[0], isTransposed: true)
            return try selected(all, target.selection)
        }
        if let rows = target.selection?.range, tensor.dataType?.blockSize == 1 {
            let first = start + rows.lowerBound * whole[1]
            return try tensor.matrix(from: first, rows: whole[1], columns: rows.count, isTransposed: true)
        }
        let source = try Self.numbers(try selected(try stored(), target.selection), tensor)
        let turned = (0..<shape[0]).flatMap { row in (0..<shape[1]).map { source[$0 * shape[0] + row] } }
        return try Self.matrix(turned, rows: shape[0], tensor)
    }

    /// The first number of what the part is cut from.
    private var start: Int { (target.entry ?? 0) * whole.reduce(1, *) }

    /// All that the part is cut from, or what goes over all dimensions of a tensor with more of them.
    private func stored() throws(CheckpointError) -> StoredMatrix {
        if let content = tensor.content { return try content.matrix(entry: target.entry) }
        return try tensor.matrix(from: start, rows: whole.dropLast().reduce(1, *), columns: whole.last ?? 1)
    }

    private func vector() throws(CheckpointError) -> StoredMatrix {
        if target.addend == 0 {
            guard let selection = target.selection else { return try stored() }
            if let range = selection.range {
                return try tensor.matrix(from: start + range.lowerBound, rows: 1, columns: range.count)
            }
        }
        let all = try Self.numbers(try stored(), tensor)
        let chosen = target.selection.map { $0.runs.flatMap { all[$0] } } ?? all
        return try Self.matrix(chosen.map { $0 + target.addend }, rows: 1, tensor)
    }

    private func selected(_ matrix: StoredMatrix, _ selection: Selection?) throws(CheckpointError) -> StoredMatrix {
        guard let selection else { return matrix }
        do {
            if let range = selection.range { return try matrix.selecting(rows: range) }
            return try matrix.selecting(rows: selection.runs.flatMap { Array($0) })
        } catch {
            throw tensor.malformed("\(error)")
        }
    }

    /// All numbers of a matrix, row after row.
    static func numbers(_ matrix: StoredMatrix, _ tensor: StoredTensor) throws(CheckpointError) -> [Float] {
        let memory: StoredMatrix
        do {
            memory = try matrix.copiedToMemory()
        } catch {
            throw tensor.malformed("\(error)")
        }
        let (rows, columns) = (matrix.rows, matrix.columns)
        return [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            for row in 0..<rows { memory.dequantizeRow(row, into: start + row * columns) }
            count = rows * columns
        }
    }

    /// A matrix in single precision of its own.
    static func matrix(_ numbers: [Float], rows: Int, _ tensor: StoredTensor) throws(CheckpointError) -> StoredMatrix {
        do {
            let memory = try AlignedMemory(byteCount: numbers.count * MemoryLayout<Float>.size)
            numbers.withUnsafeBytes { memory.bytes.copyMemory(from: $0) }
            let bytes = UnsafeRawBufferPointer(rebasing: memory.bytes[..<(numbers.count * MemoryLayout<Float>.size)])
            return try StoredMatrix(
                dataType: .f32,
                rows: rows,
                columns: numbers.count / max(1, rows),
                bytes: bytes,
                owner: memory
            )
        } catch {
            throw tensor.malformed("\(error)")
        }
    }
}
