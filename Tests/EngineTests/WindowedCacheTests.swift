import Engine
import Models
import Testing

/// A cache of blocks of four tokens with groups of these windows, 0 for none.
private func windowedCache(_ windows: [Int], blocks: Int, longestChunk: Int = 8) -> KVCacheManager {
    KVCacheManager(
        blockCount: blocks,
        layout: BlockLayout(
            tokensPerBlock: 4,
            groups: windows.enumerated().map { KVGroup(window: $1, layers: [$0]) },
            longestChunk: longestChunk
        ),
        sharesPrefixes: true
    )
}

private struct NothingOpened: Error {}

/// A sequence, its table, and how many of its tokens are in the cache.
private struct Written {
    var tokens: [Int32]
    var table: BlockTable
    var computed: Int
    var copies: [BlockCopy]

    init(_ tokens: [Int32], _ cache: inout KVCacheManager) throws {
        let match = cache.match(tokens, limit: tokens.count - 1)
        guard let (table, copies) = cache.open(match, tokenCount: tokens.count) else { throw NothingOpened() }
        (self.tokens, self.table, computed, self.copies) = (tokens, table, match.tokenCount, copies)
    }

    /// Computes all tokens in chunks of `count`.
    mutating func compute(chunk count: Int, _ cache: inout KVCacheManager) {
        while computed < tokens.count {
            let next = min(tokens.count, computed + count)
            guard cache.extend(&table, toHold: tokens.count, inWindows: next) else { return }
            computed = next
            cache.publish(&table, tokens, computed: computed)
            cache.leaveBehind(&table, computed: computed)
        }
    }
}

@Suite struct WindowedCacheTests {
    private static let prompt = (0..<60).map { Int32($0) }

    @Test func aLongPromptHoldsOnlyItsWindowAndAChunkInGroupsThatHaveOne() throws {
        var cache = windowedCache([0, 6, 6], blocks: 100)
        var written = try Written(Self.prompt, &cache)
        #expect(written.table.heldCount == 15 + 2 * 2)
        written.compute(chunk: 8, &cache)
        // The last five tokens and the next one's place in two blocks.
        #expect(written.table.heldCount == 15 + 2 * 2 && cache.usedCount == 19)
        #expect(cache.problems(tables: [written.table]) == [])
        #expect(cache.problems(of: written.table, computed: 60) == [])
        cache.close(&written.table, written.tokens, computed: 60)
        #expect(cache.usedCount == 0 && cache.problems(tables: []) == [])
    }

    @Test func aRepeatedPromptTakesOfAWindowOnlyWhatTheNextTokenSees() throws {
        var cache = windowedCache([0, 6], blocks: 100)
        var first = try Written(Self.prompt, &cache)
        first.compute(chunk: 8, &cache)
        let last = first.table.blocks.suffix(2)
        cache.close(&first.table, first.tokens, computed: 60)
        let second = try Written(Self.prompt, &cache)
        #expect(second.computed == 59)
        // The last row of each group is copied.
        #expect(second.copies.map(\.source) == Array(last))
        #expect(second.table.heldCount == 15 + 2)
        #expect(second.table.counters.reused == 14 + 1 + 2 && second.table.counters.missed == 0)
        #expect(cache.problems(of: second.table, computed: 59) == [])
    }

    @Test func aPrefixIsUsableUpToWhereEveryGroupHasItsWindow() throws {
        // Room for the first prompt's kept blocks and ten more.
        var cache = windowedCache([0, 6], blocks: 25)
        var first = try Written(Self.prompt, &cache)
        first.compute(chunk: 4, &cache)
        cache.close(&first.table, first.tokens, computed: 60)
        // Takes six of those that left the window, the longest unused; the last four of fifteen remain.
        var other = try Written((0..<12).map { Int32(100 + $0) }, &cache)
        other.compute(chunk: 4, &cache)
        cache.close(&other.table, other.tokens, computed: 12)
        let lengths = (1...60).map { cache.match(Self.prompt, limit: $0).tokenCount }
        // Behind 49 tokens the next one sees the last of row 11.
        #expect(lengths == (1...60).map { $0 < 49 ? 0 : $0 })
        let match = cache.match(Self.prompt, limit: 53)
        guard let (table, _) = cache.open(match, tokenCount: 60) else { throw NothingOpened() }
        #expect(cache.problems(of: table, computed: 53) == [] && cache.problems(tables: [table]) == [])
    }

    /// Every number of available blocks from just enough upwards: sources of the copies are among those that are taken.
    @Test(arguments: 3...9) func blocksOfThePartialRowAreCopiedBeforeTheyAreOverwritten(blocks: Int) throws {
        var cache = windowedCache([0, 9, 9], blocks: blocks)
        var content = [Int32](repeating: -1, count: blocks)
        var first = try Written([1, 2, 3], &cache)
        first.compute(chunk: 3, &cache)
        for (group, block) in first.table.blocks.enumerated() { content[Int(block)] = Int32(group) }
        cache.close(&first.table, first.tokens, computed: 3)
        let second = try Written([1, 2, 9], &cache)
        #expect(second.computed == 2)
        for copy in second.copies { content[Int(copy.destination)] = content[Int(copy.source)] }
        #expect(second.table.blocks.map { content[Int($0)] } == [0, 1, 2])
        #expect(cache.problems(tables: [second.table]) == [])
    }

    @Test func aSharedWindowIsClaimedByAllButOneOfItsHolders() throws {
        var cache = windowedCache([0, 6], blocks: 40)
        var first = try Written(Array(Self.prompt[..<16]), &cache)
        first.compute(chunk: 8, &cache)
        guard let (fork, _) = cache.fork(first.table, tokenCount: 16) else { throw NothingOpened() }
        // Rows 2 and 3.
        #expect(cache.availableCount - cache.unclaimedCount == 2)
        var second = first
        second.table = fork
        for written in [first, second] { #expect(cache.problems(of: written.table, computed: 16) == []) }
        first.tokens += Self.prompt[16..<30]
        first.compute(chunk: 4, &cache)
        #expect(cache.availableCount == cache.unclaimedCount)
        #expect(cache.problems(tables: [first.table, second.table]) == [])
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>, [[0, 6, 6], [5], [0, 0, 9, 1], [7, 3]])
    func nothingIsLostOrUsedTwiceUnderRandomTraffic(seed: UInt64, windows: [Int]) {
        var traffic = Traffic(seed: seed, windows: windows)
        for _ in 0..<600 {
            traffic.step()
            #expect(traffic.cache.problems(tables: traffic.all.map(\.table)) == [])
            for written in traffic.all { #expect(traffic.problems(of: written) == []) }
        }
        let counters = traffic.cache.counters
        #expect(counters.reused > 0 && counters.new > traffic.cache.blockCount)
        traffic.closeAll()
        let cache = traffic.cache
        #expect(cache.usedCount == 0 && cache.unclaimedCount == cache.blockCount && cache.problems(tables: []) == [])
    }
}

/// Sequences that come, grow, branch and go at random, beside what each slot of each block holds.
private struct Traffic {
    var cache: KVCacheManager
    var all: [Written] = []
    /// Group, and the tokens up to the slot's.
    private var content: [[Int32]]
    private let windows: [Int]
    private var random: SeededGenerator

    init(seed: UInt64, windows: [Int]) {
        self.windows = windows
        cache = windowedCache(windows, blocks: 30 * windows.count)
        content = [[Int32]](repeating: [], count: cache.blockCount * 4)
        random = SeededGenerator(seed)
    }

    mutating func step() {
        guard let index = all.indices.randomElement(using: &random) else { return begin(like: nil) }
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where all.count < 5: begin(like: all[index])
        case 1: close(index)
        case 2 where all.count < 5 && all[index].computed == all[index].tokens.count: branch(index)
        case 3: adopt(index)
        default: grow(index)
        }
    }

    mutating func closeAll() {
        for index in all.indices.reversed() { close(index) }
    }

    /// What a sequence's groups lack of what its next token sees.
    func problems(of written: Written) -> [String] {
        var problems = cache.problems(of: written.table, computed: written.computed)
        for (group, window) in windows.enumerated() {
            let first = window == 0 ? 0 : max(0, written.computed - window + 1)
            for position in min(first, written.computed)..<written.computed
            where content[slot(written, position, group)] != [Int32(group)] + written.tokens[...position] {
                problems.append("position \(position) of group \(group) isn't there")
            }
        }
        return problems
    }

    private mutating func begin(like other: Written?) {
        let stem = Array(other?.tokens.prefix(Int.random(in: 0...40, using: &random)) ?? [])
        let rest = (0..<Int.random(in: 1...20, using: &random)).map { _ in Int32.random(in: 0..<3, using: &random) }
        guard let written = try? Written(stem + rest, &cache) else { return }
        copy(written.copies)
        all.append(written)
    }

    private mutating func close(_ index: Int) {
        cache.close(&all[index].table, all[index].tokens, computed: all[index].computed)
        all.remove(at: index)
    }

    private mutating func branch(_ index: Int) {
        guard let (table, copies) = cache.fork(all[index].table, tokenCount: all[index].computed) else { return }
        copy(copies)
        var branch = all[index]
        branch.table = table
        all.append(branch)
    }

    private mutating func adopt(_ index: Int) {
        let (tokens, computed) = (all[index].tokens, all[index].computed)
        all[index].computed = cache.adopt(&all[index].table, tokens, computed: computed, limit: tokens.count - 1)
        // The next token's row in the groups with a window is the sequence's own: it may be computed at once.
        let hasRow = all[index].table.windowEnd * cache.tokensPerBlock > all[index].computed
        #expect(all[index].computed == computed || hasRow || cache.layout.windowedCount == 0)
    }

    private mutating func grow(_ index: Int) {
        var written = all[index]
        if written.computed == written.tokens.count { written.tokens.append(Int32.random(in: 0..<3, using: &random)) }
        let end = min(written.tokens.count, written.computed + Int.random(in: 1...8, using: &random))
        guard cache.extend(&written.table, toHold: written.tokens.count, inWindows: end) else { return }
        for position in written.computed..<end {
            for group in windows.indices {
                content[slot(written, position, group)] = [Int32(group)] + written.tokens[...position]
            }
        }
        written.computed = end
        cache.publish(&written.table, written.tokens, computed: end)
        cache.leaveBehind(&written.table, computed: end)
        all[index] = written
    }

    private func slot(_ written: Written, _ position: Int, _ group: Int) -> Int {
        Int(written.table.blocks[position / 4 * windows.count + group]) * 4 + position % 4
    }

    private mutating func copy(_ copies: [BlockCopy]) {
        for copy in copies {
            for slot in 0..<4 { content[Int(copy.destination) * 4 + slot] = content[Int(copy.source) * 4 + slot] }
        }
    }
}
