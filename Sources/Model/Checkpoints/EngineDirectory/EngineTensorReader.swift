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

    /// Copies whole pieces, each checked while it is in the processor's cache.
    ///
    /// - Returns: whether all of them were there and have the sums that they should.
    func read(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        let grain = EngineFormat.grain
        guard offset >= 0, offset % grain == 0, buffer.count <= count, offset <= count - buffer.count,
            offset + buffer.count == count || buffer.count % grain == 0
        else { return false }
        for place in stride(from: 0, to: buffer.count, by: grain) {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[place..<min(place + grain, buffer.count)])
            guard file.read(from: start + offset + place, into: piece) else { return false }
            guard XXHash64.sum(UnsafeRawBufferPointer(piece)) == sums[(offset + place) / grain] else { return false }
        }
        return true
    }
}
