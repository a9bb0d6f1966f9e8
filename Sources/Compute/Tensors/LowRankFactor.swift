internal import CPUKernels

/// One factor of a low-rank product, a small matrix `[rows, columns]` in half precision, in tiles of 16 rows:
/// `[tiles][columns][16]`.
///
/// It is a view of memory that its maker keeps.
public struct LowRankFactor: BitwiseCopyable, @unchecked Sendable {  // what it shows is never written
    /// Output features.
    public let rows: Int
    /// Input features.
    public let columns: Int
    private let tiles: UnsafePointer<UInt16>

    /// Output features of a tile.
    public static let tileRows = Int(MATMUL_TILE)

    /// Tiles of some output features.
    public static func tileCount(rows: Int) -> Int { PackedLayout.tileCount(rows: rows) }

    /// Tiles of 16 output features.
    public var tileCount: Int { Self.tileCount(rows: rows) }

    /// A view of a factor that was `pack`ed.
    public init(rows: Int, columns: Int, tiles: UnsafePointer<UInt16>) {
        self.rows = rows
        self.columns = columns
        self.tiles = tiles
    }

    /// Numbers of a packed factor, those that fill its last tile included.
    public static func packedCount(rows: Int, columns: Int) -> Int {
        MemorySize.product(PackedLayout.tileCount(rows: rows), Int(MATMUL_TILE), columns)
    }

    /// Writes one row, `[columns]`, to where a packed factor has it; other rows stay.
    ///
    /// - Returns: whether all of its numbers fit half precision.
    public static func pack(
        row: Int,
        _ numbers: UnsafeBufferPointer<Float>,
        to tiles: UnsafeMutablePointer<UInt16>,
    ) -> Bool {
        let (tile, place) = row.quotientAndRemainder(dividingBy: Int(MATMUL_TILE))
        let first = tiles + (tile * numbers.count * Int(MATMUL_TILE) + place)
        return pack_factor_row(numbers.baseAddress, Int32(numbers.count), first) != 0
    }

    /// Multiplies some tiles with rows, `[rows, sourceStride]`, and writes the products times `scale` to `output`,
    /// `[rows, outputStride]`, or adds them to it.
    ///
    /// What a row gets depends on that row alone.
    public func multiply(
        tiles range: Range<Int>,
        source: UnsafePointer<Float>,
        sourceStride: Int,
        rows count: Int,
        to output: UnsafeMutablePointer<Float>,
        outputStride: Int,
        scale: Float = 1,
        adds: Bool = false,
        level: KernelLevel = .chosen,
    ) {
        let kernels = level.matmul
        for tile in range {
            let first = tile * Int(MATMUL_TILE)
            var task = FactorTask(
                tile: tiles + first * columns,
                columns: Int32(columns),
                rows: Int32(count),
                source: source,
                source_stride: sourceStride,
                output: output + first,
                output_stride: outputStride,
                features: Int32(min(Int(MATMUL_TILE), rows - first)),
                adds: adds ? 1 : 0,
                scale: scale
            )
            kernels.pointee.multiply_factor(&task)
        }
    }
}
