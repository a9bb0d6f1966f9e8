internal import Tensors

/// The memory that low-rank products work in.
struct AdapterMemory {
    /// Rows of a chunk, and behind them one of every worker.
    fileprivate let kept: RoundedRows
    fileprivate let chunkRows: Int
    /// Products with the first factors of a row chunk, `[chunkRows][AdapterSite.mostProducts]`.
    fileprivate let lowRank: RoundedRows

    /// Rows of a chunk from one on.
    func rows(from index: Int, isExact: Bool) -> RoundedRows { Self.rows(kept.dropFirst(index), isExact) }

    /// A worker's own copy of a batch's only row.
    func onlyRow(of worker: Worker, isExact: Bool) -> RoundedRows {
        rows(from: chunkRows + worker.index, isExact: isExact)
    }

    /// Products of rows from one on.
    func lowRank(row: Int, product: Int, isExact: Bool) -> RoundedRows {
        let own = lowRank.dropFirst(row)
        let first = own.start + product * own.stride / AdapterSite.mostProducts
        return Self.rows(RoundedRows(start: first, stride: own.stride, rest: own.rest), isExact)
    }

    private static func rows(_ rows: RoundedRows, _ isExact: Bool) -> RoundedRows {
        isExact ? rows : RoundedRows(start: rows.start, stride: rows.stride)
    }
}

/// Owns that memory.
final class AdapterWorkspace {
    let memory: AdapterMemory
    private let numbers: AlignedMemory

    /// Reserves for chunks of `rows` rows of up to `width` numbers and adapters of up to `rank`; `nil` for a model without
    /// adapters.
    init?(rank: Int, rows: Int, width: Int, workers: Int) throws(ModelError) {
        guard rank > 0 else { return nil }
        let rankStride = (rank + 15) / 16 * 16
        // Strides that are no power of two: rows don't compete for the same places of a cache.
        let rest = (width + 31) / 32 * 32 + 16
        let wide = MemorySize.product(MemorySize.sum([rows, workers]), 2, rest)
        numbers = try AlignedMemory.reserve(
            bytes: MemorySize.product(
                MemorySize.sum([wide, MemorySize.product(rows, AdapterSite.mostProducts, 2, rankStride)]),
                MemoryLayout<UInt16>.size
            ),
            purpose: "adapters' work on \(rows) tokens"
        )
        let first = numbers.start(of: UInt16.self)
        memory = AdapterMemory(
            kept: RoundedRows(start: first, stride: 2 * rest, rest: rest),
            chunkRows: rows,
            lowRank: RoundedRows(
                start: first + wide,
                stride: AdapterSite.mostProducts * 2 * rankStride,
                rest: rankStride
            )
        )
    }
}
