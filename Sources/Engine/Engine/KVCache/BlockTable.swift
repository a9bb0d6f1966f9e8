/// The blocks of one sequence in order, and how far they are known to the prefix index.
package struct BlockTable: Sendable {
    /// Physical blocks; block `i` holds the tokens at positions `i * tokensPerBlock ..< (i + 1) * tokensPerBlock`.
    package internal(set) var blocks: [Int32] = []
    /// How many leading blocks are in the prefix index.
    var indexedCount = 0
    /// The prefix that these leading blocks stand for.
    var prefix = PrefixIndex.root
    /// What was allocated for the sequence so far.
    package internal(set) var counters = BlockCounters()

    /// A table without blocks.
    package init() {}
}

/// How blocks were come by, for one sequence, one request or the whole cache; only ever grows.
package struct BlockCounters: Sendable, Hashable {
    /// Blocks taken from the pool.
    package var new = 0
    /// Prompt blocks whose content was found in the cache.
    package var reused = 0
    /// Prompt blocks whose content was looked for in vain.
    package var missed = 0
    /// All blocks handed out, new or shared.
    package var total = 0

    /// Nothing yet.
    package init() {}

    static func += (sum: inout BlockCounters, other: BlockCounters) {
        sum.new += other.new
        sum.reused += other.reused
        sum.missed += other.missed
        sum.total += other.total
    }
}

/// An order to copy one block's keys and values to another before the next forward pass.
package struct BlockCopy: Sendable, Hashable {
    /// The block to read.
    package let source: Int32
    /// The block to overwrite.
    package let destination: Int32
}
