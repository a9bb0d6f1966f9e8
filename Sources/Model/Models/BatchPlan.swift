internal import CPUKernels

/// A batch, cut into row tiles, with everything that the workers read while they compute it.
final class BatchPlan: @unchecked Sendable {  // read only during a pass, except for its counters, which are atomic
    /// Rows that go through a layer together.
    struct Tile {
        /// The first row in the batch.
        var start: Int
        /// All rows, counted from `start`.
        var rows: [Int32]
        /// Those whose logits are wanted.
        var logitRows: [Int32]
        /// The attention's pieces of work.
        var attention: AttentionPlan
        /// Where its counters start: one per layer that deals out items, then those of split items.
        var firstCounter: Int
    }

    /// Token ids, `[tokens]`.
    let tokens: [Int32]
    /// Positions in their sequences, `[tokens]`.
    let positions: [Int32]
    /// The row tiles in order.
    let tiles: [Tile]
    /// Rows of the batch whose logits are wanted, in the order of the result.
    let logitRows: [Int32]

    private let layerCount: Int
    private let blocks: UnsafeMutablePointer<Int32>
    private let counters: UnsafeMutablePointer<Int32>

    /// Plans a batch for a number of workers.
    ///
    /// Precondition: the slices' rows are consecutive and cover the batch.
    init(_ batch: ModelBatch, shape: DecoderShape, workers: Int, partialCapacity: Int) {
        tokens = batch.tokens
        let blockCount = batch.slices.reduce(0) { $0 + $1.blocks.count }
        blocks = .allocate(capacity: max(1, blockCount))
        var positions: [Int32] = []
        var logitRows: [Int32] = []
        positions.reserveCapacity(batch.tokens.count)
        var blockStarts: [Int] = []
        var next = 0
        for slice in batch.slices {
            blockStarts.append(next)
            for block in slice.blocks {
                blocks[next] = block
                next += 1
            }
            for offset in 0..<slice.rows.count { positions.append(Int32(slice.position + offset)) }
            for row in slice.logitRows { logitRows.append(Int32(slice.rows.lowerBound + row)) }
        }
        self.positions = positions
        self.logitRows = logitRows
        var tiles: [Tile] = []
        var counterCount = 0
        var first = 0
        for start in stride(from: 0, to: batch.tokens.count, by: Workspace.tileRows) {
            let end = min(start + Workspace.tileRows, batch.tokens.count)
            while first < batch.slices.count, batch.slices[first].rows.upperBound <= start { first += 1 }
            var parts: [AttentionPlan.Part] = []
            var index = first
            while index < batch.slices.count, batch.slices[index].rows.lowerBound < end {
                let slice = batch.slices[index]
                let rows = slice.rows.clamped(to: start..<end)
                let position = slice.position + rows.lowerBound - slice.rows.lowerBound
                parts.append(
                    AttentionPlan.Part(
                        row: rows.lowerBound - start,
                        count: rows.count,
                        position: position,
                        blocks: UnsafePointer(blocks + blockStarts[index])
                    )
                )
                index += 1
            }
            let attention = AttentionPlan(
                parts: parts,
                shape: shape,
                workers: workers,
                partialCapacity: partialCapacity
            )
            tiles.append(
                Tile(
                    start: start,
                    rows: (0..<Int32(end - start)).map { $0 },
                    logitRows: logitRows.filter { $0 >= start && $0 < end }.map { $0 - Int32(start) },
                    attention: attention,
                    firstCounter: counterCount
                )
            )
            counterCount += shape.layers.count + attention.counterCount
        }
        self.tiles = tiles
        layerCount = shape.layers.count
        counters = .allocate(capacity: max(1, counterCount))
        counters.initialize(repeating: 0, count: max(1, counterCount))
    }

    deinit {
        blocks.deallocate()
        counters.deallocate()
    }

    /// The counter that deals out a row tile's attention items in one layer.
    func itemCounter(layer: Int, tile: Int) -> UnsafeMutablePointer<Int32> {
        counters + tiles[tile].firstCounter + layer
    }

    /// A counter of finished pieces of split attention; a multiple of the pieces' number between layers.
    func mergeCounter(_ index: Int, tile: Int) -> UnsafeMutablePointer<Int32> {
        counters + tiles[tile].firstCounter + layerCount + index
    }
}
