internal import CPUKernels

/// A batch, cut into row chunks, with everything that the workers read while they compute it.
final class BatchPlan: @unchecked Sendable {  // read only during a pass, except for its counters, which are atomic
    /// Token ids, `[tokens]`.
    let tokens: UnsafeBufferPointer<Int32>
    /// Positions in their sequences, `[tokens]`.
    let positions: UnsafeBufferPointer<Int32>
    /// The row chunks in order.
    let chunks: UnsafeBufferPointer<RowChunk>
    /// Rows of the batch whose logits are wanted, in the order of the result.
    let logitRows: UnsafeBufferPointer<Int32>
    /// Those whose hidden states are wanted, likewise.
    let hiddenRows: UnsafeBufferPointer<Int32>
    /// All rows that something is wanted of, ascending.
    let outputRows: UnsafeBufferPointer<Int32>

    private let arrays = RawArrays()

    /// Plans a batch for a number of workers; the batch has to live until the pass has ended, for its adapters.
    ///
    /// Precondition: the slices' rows are consecutive and cover the batch; where tokens see those behind them
    /// (`isCausal` is false), each slice is a whole sequence.
    init(
        _ batch: ModelBatch,
        cuts: [AttentionCut],
        isCausal: Bool,
        layerCount: Int,
        groupCount: Int,
        workers: Int,
        partialCapacity: Int,
    ) {
        let arrays = arrays
        let blocks = batch.slices.map { Self.rows(of: $0.blocks, groupCount, in: arrays) }
        let logitRows = batch.slices.flatMap { slice in slice.logitRows.map { Int32(slice.rows.lowerBound + $0) } }
        let hiddenRows = batch.slices.flatMap { slice in slice.hiddenRows.map { Int32(slice.rows.lowerBound + $0) } }
        let outputRows = batch.slices.flatMap { slice in slice.outputRows.map { Int32(slice.rows.lowerBound + $0) } }
        tokens = arrays.add(batch.tokens)
        positions = arrays.add(batch.slices.flatMap { Int32($0.position)..<Int32($0.position + $0.rows.count) })
        self.logitRows = arrays.add(logitRows)
        self.hiddenRows = arrays.add(hiddenRows)
        self.outputRows = arrays.add(outputRows)
        var chunks: [RowChunk] = []
        var first = 0
        for start in stride(from: 0, to: batch.tokens.count, by: Workspace.chunkRows) {
            let end = min(start + Workspace.chunkRows, batch.tokens.count)
            while first < batch.slices.count, batch.slices[first].rows.upperBound <= start { first += 1 }
            let parts = Self.parts(of: start..<end, batch, blocks, isCausal: isCausal, first: first)
            let work = cuts.map { cut in
                AttentionPlan(parts: parts, cut: cut, workers: workers, partialCapacity: partialCapacity)
                    .work(in: arrays)
            }
            let adapters = Self.adapters(of: start..<end, batch, first: first)
            let wanted = outputRows.filter { $0 >= start && $0 < end }.map { $0 - Int32(start) }
            chunks.append(
                RowChunk(
                    start: start,
                    rows: RowList(
                        arrays.add(0..<Int32(end - start)),
                        adapters: adapters.isEmpty ? .none : arrays.add(adapters)
                    ),
                    outputRows: RowList(
                        arrays.add(wanted),
                        adapters: adapters.isEmpty
                            ? .none : arrays.add(adapters.compactMap { $0.rows(among: wanted) })
                    ),
                    parts: arrays.add(parts),
                    attention: arrays.add(work),
                    counters: arrays.reserve(layerCount, of: Int32(0)).baseAddress.unsafelyUnwrapped
                )
            )
        }
        self.chunks = arrays.add(chunks)
    }

    /// Blocks `[rows][groups]` as `[groups][rows]`.
    private static func rows(of blocks: [Int32], _ groupCount: Int, in arrays: RawArrays) -> BlockRows {
        let count = blocks.count / groupCount
        let start: UnsafeMutablePointer<Int32> = arrays.uninitialized(count * groupCount)
        var next = start
        for group in 0..<groupCount {
            for row in 0..<count {
                next.initialize(to: blocks[row * groupCount + group])
                next += 1
            }
        }
        return BlockRows(start: start, stride: count)
    }

    /// The rows of a chunk that have adapters, from slice `first` on.
    private static func adapters(of chunk: Range<Int>, _ batch: ModelBatch, first: Int) -> [AdapterRun] {
        var runs: [AdapterRun] = []
        for slice in batch.slices[first...].prefix(while: { $0.rows.lowerBound < chunk.upperBound }) {
            guard let sites = slice.adapter?.sites.all else { continue }
            let rows = slice.rows.clamped(to: chunk)
            var start = rows.lowerBound - chunk.lowerBound
            let end = rows.upperBound - chunk.lowerBound
            if let last = runs.last, last.rows.upperBound == start, last.sites.baseAddress == sites.baseAddress {
                start = last.rows.lowerBound
                runs.removeLast()
            }
            runs.append(AdapterRun(rows: start..<end, sites: sites))
        }
        return runs
    }

    /// The sequences that have rows in a chunk, from slice `first` on.
    private static func parts(
        of chunk: Range<Int>,
        _ batch: ModelBatch,
        _ blocks: [BlockRows],
        isCausal: Bool,
        first: Int,
    ) -> [AttentionPlan.Part] {
        var parts: [AttentionPlan.Part] = []
        var index = first
        while index < batch.slices.count, batch.slices[index].rows.lowerBound < chunk.upperBound {
            let slice = batch.slices[index]
            let rows = slice.rows.clamped(to: chunk)
            parts.append(
                AttentionPlan.Part(
                    row: rows.lowerBound - chunk.lowerBound,
                    count: rows.count,
                    position: slice.position + rows.lowerBound - slice.rows.lowerBound,
                    length: isCausal ? 0 : slice.rows.count,
                    blocks: blocks[index]
                )
            )
            index += 1
        }
        return parts
    }
}

/// Rows of a batch that go through a layer together.
struct RowChunk {
    /// The first row in the batch.
    let start: Int
    /// All rows, counted from `start`.
    let rows: RowList
    /// Those that something is wanted of behind the last layer.
    let outputRows: RowList
    /// The sequences that have rows in it.
    let parts: UnsafeBufferPointer<AttentionPlan.Part>
    /// The attention's pieces of work, one list per way to cut it.
    let attention: UnsafeBufferPointer<AttentionPlan.Work>
    /// Each layer's counter that deals out attention items.
    let counters: UnsafeMutablePointer<Int32>
}

/// Some rows of a chunk, ascending.
struct RowList {
    /// The rows, counted from the chunk's first.
    let indices: UnsafeBufferPointer<Int32>
    /// Which of them have adapters; these count in the list.
    let adapters: AdapterRuns

    init(_ indices: UnsafeBufferPointer<Int32>, adapters: AdapterRuns) {
        self.indices = indices
        self.adapters = adapters
    }

    var count: Int { indices.count }
    var isEmpty: Bool { indices.isEmpty }
    subscript(index: Int) -> Int { Int(indices[index]) }
}

extension AdapterRun {
    /// The run as it is in a list of some rows; `nil` if none of its rows is there.
    fileprivate func rows(among list: [Int32]) -> AdapterRun? {
        guard let first = list.firstIndex(where: { rows.contains(Int($0)) }) else { return nil }
        let count = list[first...].prefix { rows.contains(Int($0)) }.count
        return AdapterRun(rows: first..<first + count, sites: sites)
    }
}
