internal import Tensors

/// Makes matrices of a tensor in an engine file.
struct EngineTensorReader: TensorContent {
    let tensor: EngineTensor
    let file: MappedFile
    /// Where the tensor's bytes start in the file.
    let start: Int
    /// Sums of its pieces, matrix by matrix.
    let sums: [UInt64]

    /// The matrix, or one of several.
    ///
    /// - Throws: `CheckpointError.malformed` if there is no such matrix.
    func matrix(entry: Int?) throws(CheckpointError) -> StoredMatrix {
        guard tensor.shape.count == 3 ? entry.map((0..<tensor.matrixCount).contains) ?? false : entry == nil else {
            throw malformed("one matrix is needed")
        }
        let index = entry ?? 0
        let range = start + index * tensor.matrixBytes..<start + (index + 1) * tensor.matrixBytes
        guard let bytes = file.slice(range) else { throw malformed("the file doesn't have it") }
        let pieces = EngineFormat.pieces(tensor.matrixBytes)
        let reader = SummedBytes(
            file: file,
            start: range.lowerBound,
            count: tensor.matrixBytes,
            sums: Array(sums[index * pieces..<(index + 1) * pieces])
        )
        let part = StoredPart(bytes: bytes, owner: file, file: reader)
        let rows = tensor.shape.count > 1 ? tensor.shape[tensor.shape.count - 2] : 1
        let columns = tensor.shape[tensor.shape.count - 1]
        do {
            switch tensor.format {
            case .packed(let layout):
                return try StoredMatrix(packed: layout, rows: rows, columns: columns, weights: part)
            case .blocks(let type): return try StoredMatrix(type, rows: rows, columns: columns, weights: part)
            default: throw malformed("it is stored in a way that engines have not")
            }
        } catch let error as TensorError {
            throw malformed("\(error)")
        } catch let error as CheckpointError {
            throw error
        } catch {
            throw malformed("\(error)")
        }
    }

    private func malformed(_ reason: String) -> CheckpointError {
        let field = "tensor '\(tensor.name.prefix(64))'"
        return .malformed(file: file.path, field: field, value: "\(tensor.format.name) \(tensor.shape)", reason: reason)
    }
}

/// Bytes of a file with a sum for every `EngineFormat.grain` of them.
final class SummedBytes: StoredBytes {
    private let file: MappedFile
    private let start: Int
    private let count: Int
    private let sums: [UInt64]

    init(file: MappedFile, start: Int, count: Int, sums: [UInt64]) {
        self.file = file
        self.start = start
        self.count = count
        self.sums = sums
    }

    /// Copies pieces, each checked while it is in the processor's cache; of pieces that aren't wanted whole, all is read.
    ///
    /// - Returns: whether all of them were there and have the sums that they should.
    func read(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard offset >= 0, buffer.count <= count, offset <= count - buffer.count else { return false }
        let (end, grain) = (offset + buffer.count, EngineFormat.grain)
        var place = offset
        while place < end {
            let piece = place / grain * grain..<min((place / grain + 1) * grain, count)
            let wanted = place..<min(piece.upperBound, end)
            let target = UnsafeMutableRawBufferPointer(
                rebasing: buffer[wanted.lowerBound - offset..<wanted.upperBound - offset]
            )
            guard wanted == piece ? readPiece(piece, into: target) : read(wanted, of: piece, into: target) else {
                return false
            }
            place = wanted.upperBound
        }
        return true
    }

    private func readPiece(_ piece: Range<Int>, into target: UnsafeMutableRawBufferPointer) -> Bool {
        file.read(from: start + piece.lowerBound, into: target)
            && XXHash64.sum(UnsafeRawBufferPointer(target)) == sums[piece.lowerBound / EngineFormat.grain]
    }

    private func read(
        _ wanted: Range<Int>,
        of piece: Range<Int>,
        into target: UnsafeMutableRawBufferPointer,
    ) -> Bool {
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 64)
        defer { whole.deallocate() }
        guard readPiece(piece, into: whole) else { return false }
        let first = wanted.lowerBound - piece.lowerBound
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: whole[first..<first + wanted.count]))
        return true
    }
}
