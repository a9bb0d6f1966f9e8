internal import CPUKernels
internal import Synchronization

/// Which bytes of a packed matrix some of its rows and columns are: a part of each of some tiles.
struct PackedCut {
    private let source: StoredPart
    /// Where the first tile's part starts.
    private let first: Int
    /// Bytes from one stored tile to the next.
    private let stride: Int
    /// Bytes of a tile's part.
    private let tileBytes: Int
    private let tileCount: Int

    /// The cut that a packed matrix is of what is stored.
    ///
    /// - Throws: `TensorError.badShape` if it begins inside a tile or has rows in another order; where columns can be cut has
    ///   been checked already.
    init(of matrix: StoredMatrix) throws(TensorError) {
        let tile = Int(MATMUL_TILE)
        guard let layout = matrix.packedLayout, let firstRow = matrix.firstRow, firstRow % tile == 0,
            let stride = layout.tileBytes(columns: matrix.storedColumns),
            let tileBytes = layout.tileBytes(columns: matrix.columns)
        else { throw matrix.badShape("a packed matrix can be cut only at every \(tile)th row") }
        source = matrix.weights
        self.stride = stride
        self.tileBytes = tileBytes
        tileCount = PackedLayout.tileCount(rows: matrix.rows)
        let before = matrix.firstColumn / Int(MATMUL_GROUP) * packed_group_bytes(layout.form)
        first = firstRow / tile * stride + before
    }

    /// Copies the parts to a buffer, one behind the other, the threads of a pool together.
    ///
    /// Pieces of the file are read whole, once each: an engine file's are checked as they are read.
    ///
    /// - Returns: whether they could be read.
    func read(into target: UnsafeMutableRawBufferPointer, pool: ThreadPool) -> Bool {
        if tileBytes == stride {
            return source.slice(first..<first + tileCount * stride).map { $0.read(into: target, pool: pool) } ?? false
        }
        let end = first + (tileCount - 1) * stride + tileBytes
        guard end <= source.count, target.count >= tileCount * tileBytes else { return false }
        let pieces = first / StoredPart.grain..<(end - 1) / StoredPart.grain + 1
        let next = Atomic(pieces.lowerBound)
        let failed = Atomic(false)
        pool.run { _ in
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: StoredPart.grain, alignment: 64)
            defer { buffer.deallocate() }
            while !failed.load(ordering: .relaxed) {
                let piece = next.add(1, ordering: .relaxed).oldValue
                guard piece < pieces.upperBound else { return }
                let range = piece * StoredPart.grain..<min((piece + 1) * StoredPart.grain, source.count)
                if source.read(range, into: buffer) {
                    copy(range, from: UnsafeRawBufferPointer(buffer), to: target)
                } else {
                    failed.store(true, ordering: .relaxed)
                }
            }
        }
        return !failed.load(ordering: .relaxed)
    }

    /// Copies what is wanted of some bytes that have been read.
    private func copy(_ range: Range<Int>, from bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer)
    {
        let tiles = max(0, (range.lowerBound - first) / stride)..<tileCount
        for tile in tiles {
            let start = first + tile * stride
            guard start < range.upperBound else { return }
            let wanted = (start..<start + tileBytes).clamped(to: range)
            guard !wanted.isEmpty else { continue }
            let place = tile * tileBytes + wanted.lowerBound - start
            UnsafeMutableRawBufferPointer(rebasing: target[place..<place + wanted.count]).copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: bytes[wanted.lowerBound - range.lowerBound..<wanted.upperBound - range.lowerBound]
                )
            )
        }
    }
}
