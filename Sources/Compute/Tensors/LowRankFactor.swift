internal import CPUKernels

/// One factor of a low-rank product, a small matrix `[rows, columns]` in bfloat16, in tiles of 16 rows:
/// `[tiles][column pairs][16][2]`.
///
/// It is a view of memory that its maker keeps. What a row of activations gets of it depends on that row alone.
public struct LowRankFactor: BitwiseCopyable, @unchecked Sendable {  // what it shows is never written
    /// Output features.
    public let rows: Int
    /// Input features.
    public let columns: Int
    private let tiles: UnsafePointer<UInt16>

    /// Output features of a tile.
    public static let tileRows = Int(MATMUL_TILE)

    /// Tiles of 16 output features.
    public var tileCount: Int { PackedLayout.tileCount(rows: rows) }

    /// A view of a factor that was `pack`ed.
    public init(rows: Int, columns: Int, tiles: UnsafePointer<UInt16>) {
        self.rows = rows
        self.columns = columns
        self.tiles = tiles
    }

    /// Numbers of a packed factor, those that fill its last tile and its last pair of columns included.
    public static func packedCount(rows: Int, columns: Int) -> Int {
        MemorySize.product(PackedLayout.tileCount(rows: rows), tileNumbers(columns: columns))
    }

    /// Writes one row, `[columns]`, to where a packed factor has it; other rows stay.
    ///
    /// - Returns: whether all of its numbers are finite and less than 65,520.
    public static func pack(
        row: Int,
        _ numbers: UnsafeBufferPointer<Float>,
        to tiles: UnsafeMutablePointer<UInt16>,
    ) -> Bool {
        let (tile, place) = row.quotientAndRemainder(dividingBy: tileRows)
        let first = tiles + (tile * tileNumbers(columns: numbers.count) + 2 * place)
        return pack_factor_row(numbers.baseAddress, Int32(numbers.count), first) != 0
    }

    private static func tileNumbers(columns: Int) -> Int { (columns + columns % 2) * tileRows }

    /// The memory of some tiles.
    public func memory(ofTiles range: Range<Int>) -> UnsafeRawBufferPointer {
        let numbers = Self.tileNumbers(columns: columns)
        return UnsafeRawBufferPointer(
            UnsafeBufferPointer(start: tiles + range.lowerBound * numbers, count: range.count * numbers)
        )
    }

    /// Asks for a tile to come into the cache.
    public func prefetch(tile: Int) {
        let numbers = Self.tileNumbers(columns: columns)
        prefetch_bytes(tiles + tile * numbers, numbers * MemoryLayout<UInt16>.size)
    }

    /// Multiplies some tiles with rows and writes the products times `scale` to `rounded`: those of all tiles' 16 features,
    /// zeros where the factor has no more.
    ///
    /// Rows of an odd number of columns have a finite number behind them.
    public func multiply(
        tiles range: Range<Int>,
        source: RoundedRows,
        rows count: Int,
        scale: Float,
        to rounded: RoundedRows,
        level: KernelLevel = .chosen,
    ) {
        var task = task(range, source, count)
        task.scale = scale
        task.rounded = rounded.start + range.lowerBound * Self.tileRows
        task.output_stride = rounded.stride
        task.rounded_rest = rounded.rest
        level.matmul.pointee.multiply_factor(&task)
    }

    /// Multiplies some tiles with rows, like the function above, and adds the products to `sums`, `[rows, outputStride]`.
    public func multiply(
        tiles range: Range<Int>,
        source: RoundedRows,
        rows count: Int,
        addingTo sums: UnsafeMutablePointer<Float>,
        outputStride: Int,
        level: KernelLevel = .chosen,
    ) {
        var task = task(range, source, count)
        task.sums = sums + range.lowerBound * Self.tileRows
        task.output_stride = outputStride
        level.matmul.pointee.multiply_factor(&task)
    }

    private func task(_ range: Range<Int>, _ source: RoundedRows, _ count: Int) -> FactorTask {
        var task = FactorTask()
        task.tiles = tiles + range.lowerBound * Self.tileNumbers(columns: columns)
        task.tile_count = Int32(range.count)
        task.columns = Int32(columns)
        task.rows = Int32(count)
        task.source = UnsafePointer(source.start)
        task.source_stride = source.stride
        task.source_rest = source.rest
        task.features = Int32(min(range.count * Self.tileRows, rows - range.lowerBound * Self.tileRows))
        return task
    }
}
