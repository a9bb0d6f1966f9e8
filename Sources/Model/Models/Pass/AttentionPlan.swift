internal import CPUKernels
internal import Tensors

/// The blocks of one sequence, `[groups][blocks in order]`.
struct BlockRows {
    let start: UnsafePointer<Int32>
    /// Blocks of a group.
    let stride: Int

    /// Those of one group.
    subscript(group: Int) -> UnsafePointer<Int32> { start + group * stride }
}

/// How the attention of one row chunk of a batch is cut into pieces of work, the same for all layers of a shape.
///
/// Cutting changes who computes what, never a result: a query row's softmax runs over tiles and segments of the
/// sequence that are fixed by their positions.
struct AttentionPlan {
    /// The rows of one sequence within the row chunk.
    struct Part {
        /// First row, counted in the row chunk.
        var row: Int
        /// Number of rows.
        var count: Int
        /// Position of the first row in its sequence.
        var position: Int
        /// Tokens of the sequence, where all of them see each other; 0 where a token sees itself and those before it.
        var length: Int
        /// The sequence's blocks.
        var blocks: BlockRows

        /// How many tokens the last row sees, but for a window.
        var seenCount: Int { length > 0 ? length : position + count }
    }

    /// Some query rows of one KV head, or of some heads over a latent, over all their context or over some segments of it.
    struct Item {
        /// Rows, position and blocks.
        var part: Part
        /// The KV head, or which of the parts that the heads over a latent are cut into.
        var head: Int
        /// The segments; `nil` for the whole context.
        var segments: Range<Int>?
        /// For segments: where the partial results of all of the part's segments start, in floats.
        var partials = 0
        /// For segments: which counter tells when all items of the part and head are done.
        var counter = 0
        /// For segments: how many items share the counter.
        var share = 1
    }

    /// What the workers read of it.
    struct Work {
        /// Pieces for layers with a window, most expensive first.
        var windowedItems: UnsafeBufferPointer<Item>
        /// Pieces for layers without, most expensive first; some may be split by segments.
        var items: UnsafeBufferPointer<Item>
        /// Whether an item holds all rows of its sequence in the row chunk, so that it can write keys and values itself.
        var writesOwnKeys: Bool
        /// Where the counters of finished pieces are; each is a multiple of its pieces' number between layers.
        var counters: UnsafeMutablePointer<Int32>
    }

    /// Pieces for layers with a window, most expensive first.
    private(set) var windowedItems: [Item] = []
    /// Pieces for layers without, most expensive first.
    private(set) var items: [Item] = []
    /// Whether an item holds all rows of its sequence in the row chunk.
    private(set) var writesOwnKeys = true
    /// Floats that the partial results of split items need.
    private(set) var partialFloats = 0
    /// Counters that the split items need.
    private(set) var counterCount = 0

    /// The segment's length in tokens.
    static let segmentTokens = Int(ATTENTION_SEGMENT)

    /// Floats that the partial results of all split items can need with a pool of so many tokens.
    static func partialCapacity(cut: AttentionCut, workers: Int, poolTokens: Int) -> Int {
        MemorySize.product(2 * workers, poolTokens / segmentTokens + 1, cut.groupSize, cut.partialFloats)
    }

    /// Plans for a number of workers.
    ///
    /// Split items share room for `partialCapacity` floats.
    init(parts: [Part], cut: AttentionCut, workers: Int, partialCapacity: Int) {
        let wanted = workers > 1 ? 4 * workers : 1
        let perPart = max(1, wanted / max(1, parts.count * cut.taskCount))
        for part in parts {
            let most = max(1, Int(ATTENTION_ROWS) / cut.groupSize)
            let even = (part.count + perPart - 1) / perPart
            let tokens = min(most, max(even, 8))
            if tokens < part.count { writesOwnKeys = false }
            for start in stride(from: 0, to: part.count, by: tokens) {
                let piece = Part(
                    row: part.row + start,
                    count: min(tokens, part.count - start),
                    position: part.position + start,
                    length: part.length,
                    blocks: part.blocks
                )
                for head in 0..<cut.taskCount {
                    windowedItems.append(Item(part: piece, head: head))
                }
            }
        }
        for item in windowedItems {
            split(item, cut: cut, pieces: wanted / windowedItems.count, capacity: partialCapacity)
        }
        let cost = { (item: Item) in
            item.part.count * (item.segments.map { $0.count * Self.segmentTokens } ?? item.part.seenCount)
        }
        windowedItems.sort { cost($0) > cost($1) }
        items.sort { cost($0) > cost($1) }
    }

    /// Adds an item, split by segments if it is one token with a long context and there is too little work otherwise.
    private mutating func split(_ item: Item, cut: AttentionCut, pieces: Int, capacity: Int) {
        let segments = (item.part.seenCount - 1) / Self.segmentTokens + 1
        let count = min(segments, pieces)
        let floats = segments * cut.groupSize * cut.partialFloats
        guard item.part.count == 1, count > 1, partialFloats + floats <= capacity else {
            items.append(item)
            return
        }
        for index in 0..<count {
            var piece = item
            piece.segments = segments * index / count..<segments * (index + 1) / count
            piece.partials = partialFloats
            piece.counter = counterCount
            piece.share = count
            items.append(piece)
        }
        partialFloats += floats
        counterCount += 1
    }

    /// The work, in memory that stays.
    func work(in arrays: RawArrays) -> Work {
        Work(
            windowedItems: arrays.add(windowedItems),
            items: arrays.add(items),
            writesOwnKeys: writesOwnKeys,
            counters: arrays.reserve(counterCount, of: Int32(0)).baseAddress.unsafelyUnwrapped
        )
    }
}
