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
    /// - Throws: `TensorError` when the columns of a quantized matrix aren't a multiple of 32, memory is short, or the stored
    ///   numbers can't be read.
    public init(
        packing source: StoredMatrix,
        pool: ThreadPool,
        arena: MemoryArena = MemoryArena(),
    ) throws(TensorError) {
        let group = Int(MATMUL_GROUP)
        let form = packed_form_of_type(source.dataType.rawValue)
        let (rows, columns) = (source.rows, source.columns)
        guard columns % group == 0 else {
            let reason = "columns must be a multiple of \(group)"
            throw .badShape(rows: rows, columns: columns, dataType: source.dataType, reason: reason)
        }
        let tileCount = (rows + Int(MATMUL_TILE) - 1) / Int(MATMUL_TILE)
        let (tileBytes, isWide) = packed_group_bytes(form).multipliedReportingOverflow(by: columns / group)
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
            form: form,
            tileBytes: tileBytes,
            start: memory.baseAddress
        )
        guard let packed = memory.baseAddress else { return }
        let isCut = Atomic(false)
        pool.run { worker in
            if !Self.pack(worker.range(of: tileCount), of: source, to: packed, tileBytes: tileBytes) {
                isCut.store(true, ordering: .relaxed)
            }
        }
        guard !isCut.load(ordering: .relaxed) else {
            throw .unreadable(rows: rows, columns: columns, dataType: source.dataType)
        }
    }

    /// About as many bytes as are read and then packed while they are in the cache.
    private static let bytesAtOnce = 1 << 18

    /// Packs some tiles.
    ///
    /// - Returns: whether their rows could be read.
    private static func pack(
        _ tiles: Range<Int>,
        of source: StoredMatrix,
        to packed: UnsafeMutableRawPointer,
        tileBytes: Int,
    ) -> Bool {
        let height = Int(MATMUL_TILE)
        let together = max(1, bytesAtOnce / (height * source.bytesPerRow))
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: together * height * source.bytesPerRow,
            alignment: 64
        )
        defer { buffer.deallocate() }
        for first in stride(from: tiles.lowerBound, to: tiles.upperBound, by: together) {
            let end = min(first + together, tiles.upperBound)
            guard source.read(first * height..<min(end * height, source.rows), into: buffer),
                let stored = buffer.baseAddress
            else { return false }
            for tile in first..<end {
                pack_tile(
                    source.dataType.rawValue,
                    stored.advanced(by: (tile - first) * height * source.bytesPerRow)
                        .assumingMemoryBound(to: UInt8.self),
                    source.bytesPerRow,
                    Int32(min(height, source.rows - tile * height)),
                    Int32(source.columns),
                    packed.advanced(by: tile * tileBytes).assumingMemoryBound(to: UInt8.self)
                )
            }
        }
        return true
    }
}

extension PackedTiles {
    /// Expands one row to floats, `[columns]`: the same numbers as the stored row's, where the type `packsExactly`.
    ///
    /// `row` must be in `0..<rows`.
    public func unpackRow(_ row: Int, into output: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        let (tile, feature) = row.quotientAndRemainder(dividingBy: Int(MATMUL_TILE))
        unpack_row(form, self.tile(tile), Int32(feature), Int32(columns), output)
    }
}

extension DataType {
    /// Whether a packed matrix of this type holds the very numbers that were stored; in other types some scales are
    /// rounded.
    public var packsExactly: Bool { packs_exactly(rawValue) != 0 }
}

extension StoredMatrix {
    /// Expands one row to floats, `[columns]`: the embedding of a token.
    ///
    /// `row` must be in `0..<rows`.
    public func dequantizeRow(_ row: Int, into output: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        guard let base = bytes.baseAddress else { return }
        let stored = base.advanced(by: row * bytesPerRow).assumingMemoryBound(to: UInt8.self)
        dequantize_row(dataType.rawValue, stored, Int32(columns), output)
    }
}
