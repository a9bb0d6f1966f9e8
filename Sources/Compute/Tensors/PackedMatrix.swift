internal import CPUKernels
internal import Synchronization

/// Where the parts of a packed matrix are: all that a product needs, without a reference that threads would count
/// together.
///
/// Valid as long as the matrix lives.
public struct PackedTiles: BitwiseCopyable {
    /// Output features.
    public let rows: Int
    /// Input features.
    public let columns: Int
    /// Tiles of 16 output features.
    public let tileCount: Int
    /// What it is multiplied with.
    public var activationKind: ActivationKind {
        switch packed_form_activations(form) {
        case ACTIVATIONS_QUANTIZED: .quantized
        case ACTIVATIONS_ROUNDED: .rounded
        default: .float
        }
    }
    let form: PackedForm
    let tileBytes: Int
    fileprivate let start: UnsafeMutableRawPointer?

    /// The packed groups of one tile.
    func tile(_ index: Int) -> UnsafePointer<UInt8>? {
        guard let start else { return nil }
        return UnsafePointer(start.advanced(by: index * tileBytes).assumingMemoryBound(to: UInt8.self))
    }
}

/// A weight matrix in the layout of the matmul kernels: tiles of 16 output features (see `matmul_kernels.h`).
public final class PackedMatrix: @unchecked Sendable {  // written only while it is made
    /// Its tiles.
    public let tiles: PackedTiles
    /// Bytes of the packed weights.
    public let byteCount: Int
    /// How the weights lie in memory.
    public let layout: PackedLayout
    private let memory: UnsafeMutableRawBufferPointer
    private let owner: AlignedMemory

    /// Output features.
    public var rows: Int { tiles.rows }
    /// Input features.
    public var columns: Int { tiles.columns }

    /// Room behind the last tile that prefetches and wide loads may touch.
    private static let padding = 4096

    /// Packs a stored matrix into memory of an arena, or reads a packed one, all workers of the pool together.
    ///
    /// - Parameter rounding: What numbers are rounded to; `nil`: they are kept as they are stored, or nearly so.
    /// - Throws: `TensorError` when the columns of the matrix aren't a multiple of 32, memory is short, or the stored
    ///   numbers can't be read or used.
    public init(
        packing matrix: StoredMatrix,
        rounding: MatrixRounding? = nil,
        pool: ThreadPool,
        arena: MemoryArena = MemoryArena(),
    ) throws(TensorError) {
        let (rows, columns) = (matrix.rows, matrix.columns)
        guard columns % Int(MATMUL_GROUP) == 0 else {
            throw matrix.badShape("columns must be a multiple of \(MATMUL_GROUP)")
        }
        if let importance = rounding?.importance, importance.meanSquares.count != columns {
            throw matrix.badShape("\(importance.meanSquares.count) columns were measured")
        }
        let source = try matrix.packedLayout == nil ? PackingSource(matrix, rounding: rounding) : nil
        guard let layout = matrix.packedLayout ?? source.flatMap({ PackedLayout(form: $0.form) }),
            let tileBytes = layout.tileBytes(columns: columns),
            let bytes = layout.byteCount(rows: rows, columns: columns), bytes < .max - Self.padding
        else { throw .outOfMemory(bytes: .max) }
        self.layout = layout
        byteCount = bytes
        (memory, owner) = try arena.allocate(byteCount: bytes + Self.padding)
        tiles = PackedTiles(
            rows: rows,
            columns: columns,
            tileCount: PackedLayout.tileCount(rows: rows),
            form: layout.form,
            tileBytes: tileBytes,
            start: memory.baseAddress
        )
        if let source { try pack(source, pool) } else { try load(matrix, pool) }
    }

    /// Packs the tiles, all workers together.
    private func pack(_ source: PackingSource, _ pool: ThreadPool) throws(TensorError) {
        guard let packed = memory.baseAddress else { return }
        let tiles = tiles
        let failure = Mutex<TensorError?>(nil)
        pool.run { worker in
            do throws(TensorError) {
                try source.pack(worker.range(of: tiles.tileCount), to: packed, tileBytes: tiles.tileBytes)
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Reads what is packed already.
    private func load(_ matrix: StoredMatrix, _ pool: ThreadPool) throws(TensorError) {
        let cut = try PackedCut(of: matrix)
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[..<byteCount])
        guard cut.read(into: target, pool: pool) else { throw matrix.unreadable }
    }

    /// The packed weights, tile after tile: what an engine file holds.
    public var content: StoredPart {
        StoredPart(bytes: UnsafeRawBufferPointer(rebasing: memory[..<byteCount]), owner: self)
    }
}

extension PackedMatrix {
    /// Expands one row to floats, `[columns]`: the same numbers as the stored row's, where the format `packsExactly`.
    ///
    /// `row` must be in `0..<rows`.
    public func unpackRow(_ row: Int, into output: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        let (tile, feature) = row.quotientAndRemainder(dividingBy: Int(MATMUL_TILE))
        unpack_row(tiles.form, tiles.tile(tile), Int32(feature), Int32(columns), output)
    }
}
