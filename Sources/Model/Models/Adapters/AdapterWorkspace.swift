internal import Tensors

/// The memory that low-rank products work in.
struct AdapterMemory {
    /// Products with the first factors of a row chunk, `[chunkRows][AdapterSite.mostProducts][rankStride]`.
    let lowRank: UnsafeMutablePointer<Float>
    /// Floats of one product of a row.
    let rankStride: Int
    /// Rows of a chunk as they were before they were multiplied twice, `[chunkRows, rowStride]`.
    let rows: UnsafeMutablePointer<Float>

    /// Floats from one row's products to the next's.
    var rowStride: Int { AdapterSite.mostProducts * rankStride }

    /// Where a product of a row is.
    func lowRank(row: Int, product: Int) -> UnsafeMutablePointer<Float> {
        lowRank + row * rowStride + product * rankStride
    }
}

/// Owns that memory.
final class AdapterWorkspace {
    let memory: AdapterMemory
    private let numbers: AlignedMemory

    /// Reserves for chunks of `rows` rows with adapters of up to `rank`; `nil` for a model without adapters.
    init?(shape: DecoderShape, rank: Int, rows: Int, rowStride: Int) throws(ModelError) {
        guard rank > 0 else { return nil }
        let rankStride = (rank + 15) / 16 * 16
        let lowRank = MemorySize.product(rows, AdapterSite.mostProducts, rankStride)
        let kept = shape.needsNearlyExactQueries ? MemorySize.product(rows, rowStride) : 0
        numbers = try AlignedMemory.reserve(
            bytes: MemorySize.product(MemorySize.sum([lowRank, kept]), MemoryLayout<Float>.size),
            purpose: "adapters' work on \(rows) tokens"
        )
        let first = numbers.start(of: Float.self)
        memory = AdapterMemory(lowRank: first, rankStride: rankStride, rows: first + lowRank)
    }
}
