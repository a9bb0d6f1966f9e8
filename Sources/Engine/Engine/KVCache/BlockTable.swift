/// The blocks of one sequence in order, and how far they are known to the prefix index.
package struct BlockTable: Sendable {
    /// Stands where a group has no block: behind its window, or before it.
    package static let none: Int32 = -1

    /// Physical blocks, `[rows][groups]`; row `i` holds the tokens at positions `i * tokensPerBlock ..< (i + 1) * tokensPerBlock`.
    package internal(set) var blocks: [Int32] = []
    /// How many blocks it holds.
    package internal(set) var heldCount = 0
    /// The row behind the last one that has blocks in groups with a window.
    package internal(set) var windowEnd = 0
    /// How many leading rows are in the prefix index.
    var indexedCount = 0
    /// The prefix that these leading rows stand for.
    var prefix = PrefixIndex.root
    /// What was allocated for the sequence so far.
    package internal(set) var counters = BlockCounters()

    /// A table without blocks.
    package init() {}
}

/// How blocks were come by, for one sequence, one request or the whole cache; only ever grows.
public struct BlockCounters: Sendable, Hashable {
    /// Blocks taken from the pool.
    public var new = 0
    /// Prompt blocks whose content was found in the cache.
    public var reused = 0
    /// Prompt blocks whose content was looked for in vain.
    public var missed = 0
    /// All blocks handed out, new or shared.
    public var total = 0

    /// Nothing yet.
    public init() {}

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
