internal import CPUKernels

/// A weight matrix in the layout of the matmul kernels: tiles of 16 output features (see `matmul_kernels.h`).
public final class PackedMatrix: @unchecked Sendable {  // written only while it is made
    /// Output features.
    public let rows: Int
    /// Input features.
    public let columns: Int
    /// Bytes of the packed weights.
    public let byteCount: Int
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
    private let memory: UnsafeMutableRawBufferPointer
    private let owner: AlignedMemory

    /// Room behind the last tile that prefetches and wide loads may touch.
    private static let padding = 4096

    /// Packs a stored matrix into memory of an arena, all workers of the pool together.
    ///
    /// - Throws: `TensorError` when the columns of a quantized matrix aren't a multiple of 32, or memory is short.
    public init(
        packing source: WeightSource,
        pool: ThreadPool,
        arena: MemoryArena = MemoryArena(),
    ) throws(TensorError) {
        let group = Int(MATMUL_GROUP)
        form = packed_form_of_type(source.dataType.rawValue)
        guard source.columns % group == 0 else {
            let reason = "columns must be a multiple of \(group)"
            throw .badShape(rows: source.rows, columns: source.columns, dataType: source.dataType, reason: reason)
        }
        rows = source.rows
        columns = source.columns
        tileCount = (rows + Int(MATMUL_TILE) - 1) / Int(MATMUL_TILE)
        tileBytes = packed_group_bytes(form) * (columns / group)
        let (bytes, overflow) = tileBytes.multipliedReportingOverflow(by: tileCount)
        guard !overflow else { throw .outOfMemory(bytes: .max) }
        byteCount = bytes
        (memory, owner) = try arena.allocate(byteCount: bytes + Self.padding)
        guard let stored = source.bytes.baseAddress, let packed = memory.baseAddress else { return }
        let (tileBytes, rows, columns, tileCount) = (tileBytes, rows, columns, tileCount)
        pool.run { worker in
            for tile in worker.range(of: tileCount) {
                let first = tile * Int(MATMUL_TILE)
                pack_tile(
                    source.dataType.rawValue,
                    stored.advanced(by: first * source.bytesPerRow).assumingMemoryBound(to: UInt8.self),
                    source.bytesPerRow,
                    Int32(min(Int(MATMUL_TILE), rows - first)),
                    Int32(columns),
                    packed.advanced(by: tile * tileBytes).assumingMemoryBound(to: UInt8.self)
                )
            }
        }
    }

    /// The packed groups of one tile.
    func tile(_ index: Int) -> UnsafePointer<UInt8>? {
        guard let base = memory.baseAddress else { return nil }
        return UnsafePointer(base.advanced(by: index * tileBytes).assumingMemoryBound(to: UInt8.self))
    }
}

extension WeightSource {
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
