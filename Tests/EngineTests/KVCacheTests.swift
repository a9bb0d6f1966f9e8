import Engine
import Models
import Testing

@Suite struct BlockPoolTests {
    @Test func theLongestUnusedWorthyBlockIsTakenAfterTheWorthless() {
        var pool = BlockPool(count: 4)
        let blocks = (0..<4).compactMap { _ in pool.take() }
        #expect(blocks == [0, 1, 2, 3])
        let none = pool.take()
        #expect(none == nil)
        pool.release(2, keepingContent: true)
        pool.release(0, keepingContent: true)
        pool.release(3, keepingContent: false)
        pool.touch(2)
        let again = (0..<3).compactMap { _ in pool.take() }
        #expect(again == [3, 0, 2])
        #expect(pool.problems(expectedReferences: [1, 1, 1, 1]) == [])
    }

    @Test func aSharedBlockIsAvailableAfterItsLastHolder() {
        var pool = BlockPool(count: 2)
        let block = pool.take() ?? -1
        pool.retain(block)
        pool.release(block, keepingContent: true)
        #expect(pool.availableCount == 1)
        pool.release(block, keepingContent: true)
        #expect(pool.availableCount == 2)
        pool.retain(block)
        #expect(pool.usedCount == 1)
        #expect(pool.problems(expectedReferences: [1, 0]) == [])
        #expect(pool.problems(expectedReferences: [0, 0]) != [])
    }

    @Test func freeingTwiceEndsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            var pool = BlockPool(count: 1)
            pool.release(0, keepingContent: false)
        }
    }
}

@Suite struct PrefixIndexTests {
    @Test func aBlockIsFoundOnlyBehindItsOwnPrefix() {
        var index = PrefixIndex()
        let first = index.insert([4], after: PrefixIndex.root, [1, 2][...])
        let second = index.insert([5], after: first.prefix, [3, 4][...])
        #expect(index.find(after: PrefixIndex.root, [1, 2][...])?.blocks == [4])
        #expect(index.find(after: first.prefix, [3, 4][...])?.prefix == second.prefix)
        #expect(index.find(after: PrefixIndex.root, [3, 4][...]) == nil)
        #expect(index.find(after: first.prefix, [3, 5][...]) == nil)
        index.remove(4)
        let again = index.insert([6], after: PrefixIndex.root, [1, 2][...])
        #expect(again.prefix != first.prefix)
        #expect(index.find(after: again.prefix, [3, 4][...]) == nil)
    }

    @Test func theFirstOfEqualBlocksStays() {
        var index = PrefixIndex()
        let first = index.insert([4], after: PrefixIndex.root, [1, 2][...])
        let second = index.insert([5], after: PrefixIndex.root, [1, 2][...])
        #expect(second.blocks == [4] && second.prefix == first.prefix)
        #expect(!index.contains(5))
        index.remove(5)
        #expect(index.count == 1)
    }

    @Test func theClosestBlockHasTheMostTokensInCommon() {
        var index = PrefixIndex()
        _ = index.insert([1], after: PrefixIndex.root, [1, 2, 9, 9][...])
        _ = index.insert([2], after: PrefixIndex.root, [1, 2, 3, 9][...])
        _ = index.insert([3], after: PrefixIndex.root, [1, 2, 3, 8][...])
        let closest = index.closest(after: PrefixIndex.root, [1, 2, 3, 4, 5][...])
        #expect(closest?.blocks == [3] && closest?.common == 3)
        #expect(index.closest(after: PrefixIndex.root, [2, 1][...]) == nil)
        #expect(index.closest(after: PrefixIndex.root, [][...]) == nil)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func lookingUpAgreesWithAWalkOverAllBlocks(seed: UInt64) {
        var random = SeededGenerator(seed)
        var index = PrefixIndex()
        var known: [Int32: [Int32]] = [:]
        func tokens() -> [Int32] {
            (0..<Int.random(in: 1...5, using: &random)).map { _ in Int32.random(in: 0..<3, using: &random) }
        }
        for round in 0..<3000 {
            let block = Int32.random(in: 0..<200, using: &random)
            let some = tokens()
            if known[block] != nil {
                index.remove(block)
                known[block] = nil
            } else {
                let twin = known.first { $0.value == some }?.key
                let kept = index.insert([block], after: PrefixIndex.root, some[...]).blocks
                #expect(kept == [twin ?? block])
                if twin == nil { known[block] = some }
            }
            let wanted = tokens()
            let exact = known.first { $0.value == wanted }?.key
            #expect(index.find(after: PrefixIndex.root, wanted[...])?.blocks == exact.map { [$0] })
            let common = known.mapValues { zip($0, wanted).prefix { $0 == $1 }.count }
            let closest = index.closest(after: PrefixIndex.root, wanted[...])
            #expect(closest?.common ?? 0 == common.values.max() ?? 0, "round \(round)")
            if let closest { #expect(common[closest.blocks[0]] == closest.common) }
            #expect(index.count == known.count)
        }
    }
}

@Suite struct KVCacheManagerTests {
    @Test func freedBlockKeepsItsContentUntilItIsTaken() throws {
        var cache = oneGroup(blocks: 3, tokensPerBlock: 2, sharesPrefixes: true)
        let tokens: [Int32] = [1, 2, 3, 4, 5]
        var (table, _) = try opened(cache.open(cache.match(tokens, limit: 4), tokenCount: 4))
        cache.close(&table, tokens, computed: 4)
        #expect(cache.usedCount == 0)
        #expect(cache.match(tokens, limit: 4).tokenCount == 4)
        // Two new blocks: the unused one, then the end of the known prefix.
        let other: [Int32] = [9, 9, 9]
        var (otherTable, _) = try opened(cache.open(cache.match(other, limit: 2), tokenCount: 3))
        #expect(cache.match(tokens, limit: 4).tokenCount == 2)
        #expect(cache.problems(tables: [otherTable]) == [])
        cache.close(&otherTable, other, computed: 3)
        #expect(cache.problems(tables: []) == [])
    }

    @Test func thePartialBlockIsCopiedNotShared() throws {
        var cache = oneGroup(blocks: 4, tokensPerBlock: 4, sharesPrefixes: true)
        var (table, _) = try opened(cache.open(cache.match([1, 2, 3, 4], limit: 3), tokenCount: 4))
        let source = table.blocks[0]
        cache.close(&table, [1, 2, 3, 4], computed: 4)
        let match = cache.match([1, 2, 7, 8], limit: 3)
        #expect(match.tokenCount == 2 && match.blocks.isEmpty)
        let (second, copies) = try opened(cache.open(match, tokenCount: 4))
        #expect(copies.map(\.source) == [source] && copies.map(\.destination) == [second.blocks[0]])
        #expect(cache.problems(tables: [second]) == [])
    }

    @Test func theOnlyBlockIsOverwrittenInPlaceWithoutACopy() throws {
        var cache = oneGroup(blocks: 1, tokensPerBlock: 4, sharesPrefixes: true)
        var (table, _) = try opened(cache.open(cache.match([1, 2, 3, 4], limit: 3), tokenCount: 4))
        cache.close(&table, [1, 2, 3, 4], computed: 4)
        let (second, copies) = try opened(cache.open(cache.match([1, 2, 7, 8], limit: 3), tokenCount: 4))
        #expect(copies.isEmpty && second.blocks == [0])
        #expect(cache.match([1, 2, 3, 4], limit: 3).tokenCount == 0)
        let match = cache.match([1], limit: 0)
        let third = cache.open(match, tokenCount: 1)
        #expect(third == nil)
    }

    @Test func equalContentComputedTwiceIsKeptOnce() throws {
        var cache = oneGroup(blocks: 4, tokensPerBlock: 2, sharesPrefixes: true)
        let tokens: [Int32] = [1, 2, 3]
        var (first, _) = try opened(cache.open(cache.match(tokens, limit: 2), tokenCount: 3))
        var (second, _) = try opened(cache.open(cache.match(tokens, limit: 2), tokenCount: 3))
        cache.publish(&first, tokens, computed: 2)
        cache.publish(&second, tokens, computed: 2)
        #expect(first.blocks[0] == second.blocks[0] && first.blocks[1] != second.blocks[1])
        #expect(cache.usedCount == 3)
        #expect(cache.problems(tables: [first, second]) == [])
    }

    @Test func eventsTellWhichFullBlocksCanBeFound() throws {
        var cache = oneGroup(blocks: 3, tokensPerBlock: 2, sharesPrefixes: true, notesEvents: true)
        #expect(cache.takeEvents() == [.created(blockCount: 3)])
        func compute(_ tokens: [Int32]) throws {
            var table = try opened(cache.open(cache.match(tokens, limit: tokens.count - 1), tokenCount: tokens.count))
                .table
            cache.close(&table, tokens, computed: tokens.count)
        }
        try compute([1, 2, 3, 4, 5])
        let stored = cache.takeEvents()
        guard case .stored(let one, nil, [1, 2]) = stored.first, case .stored(let two, one, [3, 4]) = stored.last else {
            Issue.record("\(stored)")
            return
        }
        #expect(stored.count == 2 && one != two && one < 1 << 53)
        // The same tokens are known, and behind others they are another block.
        try compute([1, 2, 9])
        #expect(cache.takeEvents().allSatisfy { if case .stored = $0 { false } else { true } })
        try compute([3, 4, 3, 4, 3, 4])
        let events = cache.takeEvents()
        var (removed, hashes): ([UInt64], [UInt64]) = ([], [])
        for event in events {
            switch event {
            case .removed(let all): removed += all
            case .stored(let hash, _, _): hashes.append(hash)
            case .created: Issue.record("created again")
            }
        }
        #expect(removed.contains(one) && Set(hashes).count == 3 && !hashes.contains(two))
        cache.forgetPrefixes()
        #expect(cache.takeEvents() == [.removed(hashes: hashes.sorted())])
    }

    @Test func nothingIsSharedWhenReuseIsOff() throws {
        var cache = oneGroup(blocks: 4, tokensPerBlock: 2, sharesPrefixes: false)
        var (table, _) = try opened(cache.open(cache.match([1, 2, 3], limit: 2), tokenCount: 3))
        cache.close(&table, [1, 2, 3], computed: 3)
        #expect(cache.match([1, 2, 3], limit: 2).tokenCount == 0)
        #expect(cache.counters.missed == 0 && cache.counters.new == 2)
    }
}

/// A cache for a model whose layers are all alike.
private func oneGroup(
    blocks: Int,
    tokensPerBlock: Int,
    sharesPrefixes: Bool,
    notesEvents: Bool = false,
) -> KVCacheManager {
    KVCacheManager(
        blockCount: blocks,
        layout: BlockLayout(tokensPerBlock: tokensPerBlock, groups: [.all(layers: 1)], longestChunk: 64),
        sharesPrefixes: sharesPrefixes,
        notesEvents: notesEvents
    )
}

private struct NothingOpened: Error {}

/// The table and the copies, which there must be; outside of a macro, because `open` changes the cache.
private func opened(
    _ result: (table: BlockTable, copies: [BlockCopy])?
) throws -> (table: BlockTable, copies: [BlockCopy]) {
    guard let result else { throw NothingOpened() }
    return result
}
