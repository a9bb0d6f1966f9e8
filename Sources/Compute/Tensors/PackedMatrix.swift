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
    private let owner: AlignedMemory

    /// Output features.
    public var rows: Int { tiles.rows }
    /// Input features.
    public var columns: Int { tiles.columns }

    /// Room behind the last tile that prefetches and wide loads may touch.
    private static let padding = 4096

    /// Packs a stored matrix into memory of an arena, all workers of the pool together.
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
        let group = Int(MATMUL_GROUP)
        let (rows, columns) = (matrix.rows, matrix.columns)
        guard columns % group == 0 else { throw matrix.badShape("columns must be a multiple of \(group)") }
        if let importance = rounding?.importance, importance.meanSquares.count != columns {
            throw matrix.badShape("\(importance.meanSquares.count) columns were measured")
        }
        let source = try PackingSource(matrix, rounding: rounding)
        let tileCount = (rows + Int(MATMUL_TILE) - 1) / Int(MATMUL_TILE)
        let (tileBytes, isWide) = packed_group_bytes(source.form).multipliedReportingOverflow(by: columns / group)
        let (bytes, overflow) = tileBytes.multipliedReportingOverflow(by: tileCount)
        let (padded, isLong) = bytes.addingReportingOverflow(Self.padding)
        guard !isWide, !overflow, !isLong else { throw .outOfMemory(bytes: .max) }
        byteCount = bytes
        let memory: UnsafeMutableRawBufferPointer
        (memory, owner) = try arena.allocate(byteCount: padded)
        tiles = PackedTiles(
            rows: rows,
            columns: columns,
            tileCount: tileCount,
            form: source.form,
            tileBytes: tileBytes,
            start: memory.baseAddress
        )
        guard let packed = memory.baseAddress else { return }
        let failure = Mutex<TensorError?>(nil)
        pool.run { worker in
            do throws(TensorError) {
                try source.pack(worker.range(of: tileCount), to: packed, tileBytes: tileBytes)
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
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
