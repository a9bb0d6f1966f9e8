import Checkpoints
import Models
import Testing

@Suite struct KVGroupTests {
    /// Groups of layers with these windows, 0 for none.
    private func groups(_ windows: [Int], longest: Int = 1000, change: (inout [LayerShape]) -> Void = { _ in })
        -> [KVGroup]
    {
        var layers = windows.map { window in
            var attention = AttentionShape(headCount: 4, kvHeadCount: 2, headDimension: 32, rotary: nil, scale: 1)
            attention.window = window
            return LayerShape(attention: attention, feedForward: .gated(width: 64, .silu))
        }
        change(&layers)
        let shape = DecoderShape(
            hiddenSize: 128,
            vocabularySize: 10,
            contextLength: longest,
            layers: layers,
            normEpsilon: 1e-6
        )
        return shape.kvGroups(.bfloat16, longestSequence: longest)
    }

    @Test func layersThatAreAllAlikeAreOneGroup() {
        #expect(groups([0, 0, 0]) == [KVGroup(window: 0, layers: [0, 1, 2])])
        #expect(groups([8, 8]) == [KVGroup(window: 8, layers: [0, 1])])
    }

    @Test func groupsAreEquallyLargeAndThoseThatKeepMostComeFirst() {
        #expect(
            groups([8, 0, 8, 8, 0, 8]) == [
                KVGroup(window: 0, layers: [1, 4]), KVGroup(window: 8, layers: [0, 2]),
                KVGroup(window: 8, layers: [3, 5]),
            ]
        )
        #expect(
            groups([8, 16, 0, 0, 8, 16]) == [
                KVGroup(window: 0, layers: [2, 3]), KVGroup(window: 16, layers: [1, 5]),
                KVGroup(window: 8, layers: [0, 4]),
            ]
        )
        #expect(groups([8, 8, 8, 0, 0]).map(\.layers) == [[3], [4], [0], [1], [2]])
    }

    @Test func aWindowThatNoSequenceLeavesIsNone() {
        #expect(groups([1000, 0, 2000]) == [KVGroup(window: 0, layers: [0, 1, 2])])
        #expect(groups([999, 0]).count == 2)
    }

    @Test func layersOfDifferentSizesAreOneGroupThatKeepsEverything() {
        let all = groups([8, 0]) { $0[0].attention.kvHeadCount = 4 }
        #expect(all == [KVGroup(window: 0, layers: [0, 1])])
    }

    @Test func aTokenSeesItselfAndTheRestOfItsWindow() {
        let group = KVGroup(window: 8, layers: [0])
        #expect([0, 7, 8, 100].map(group.firstSeen) == [0, 0, 1, 93])
        #expect(KVGroup(window: .max, layers: [0]).firstSeen(from: 5) == 0)
        #expect(KVGroup(window: 1, layers: [0]).firstSeen(from: 5) == 5)
        #expect(KVGroup.all(layers: 1).firstSeen(from: 5) == 0)
    }
}

/// What becomes of blocks that left their windows changes nothing.
@Suite struct WindowedBlockTests {
    /// The sequence in chunks; whatever the next chunk doesn't see is overwritten with rubbish and left out of the table.
    @Test(arguments: ["gemma3", "gemma3+int8"], [1, 2])
    func blocksBehindTheWindowAreNeverReadAgain(name: String, threads: Int) throws {
        let tokens = try TinyModel.expectation(name).tokens
        let tiny = try TinyModel(name, threads: threads)
        let whole = tiny.feed(tokens[...], position: 0, blocks: Array(0..<10))
        let groups = tiny.model.limits.kvGroups
        #expect(groups.count > 1 && groups.contains { $0.window > 0 } && groups.contains { $0.window == 0 })
        for sizes in [[1], [7, 40], [32], [100, 3]] {
            var blocks = tiny.model.rows((0..<10).map { Int32(63 - $0 * 3) })
            let rubbish = [UInt8](repeating: 0xFF, count: tiny.model.readBlock(blocks[0]).count)
            var rows: [[UInt32]] = []
            var index = 0
            while rows.count < tokens.count {
                let end = min(tokens.count, rows.count + sizes[index % sizes.count])
                let slice = ModelBatch.Slice(
                    rows: 0..<end - rows.count,
                    position: rows.count,
                    blocks: blocks,
                    logitRows: Array(0..<end - rows.count)
                )
                rows += tiny.rows(of: ModelBatch(tokens: Array(tokens[rows.count..<end]), slices: [slice]))
                index += 1
                for (number, group) in groups.enumerated() {
                    for row in 0..<group.firstSeen(from: end) / 32 where blocks[row * groups.count + number] >= 0 {
                        tiny.model.writeBlock(blocks[row * groups.count + number], rubbish)
                        blocks[row * groups.count + number] = -1
                    }
                }
            }
            #expect(blocks.contains(-1) && rows == whole, "chunks of \(sizes)")
        }
    }

    @Test(arguments: ["llama", "gemma3", "gemma3+int8"])
    func aSequenceGoesOnInAnotherModelWithTheBlocksOfTheFirst(name: String) throws {
        let tokens = try TinyModel.expectation(name).tokens
        let (first, second) = (try TinyModel(name), try TinyModel(name, blocks: 20))
        let whole = first.feed(tokens[..<200], position: 0, blocks: Array(0..<7))
        let (own, others) = (first.model.rows([0, 1, 2, 3, 4]), second.model.rows([9, 3, 12, 5, 0]))
        for (from, to) in zip(own, others) { second.model.writeBlock(to, first.model.readBlock(from)) }
        let rest = second.feed(tokens[150..<200], position: 150, blocks: [9, 3, 12, 5, 0, 1, 2])
        #expect(rest == Array(whole[150...]))
    }

    @Test func aBlockThatASliceLacksInsideOfItsWindowEndsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let tiny = try TinyModel("gemma3")
            var blocks = tiny.model.rows([0, 1, 2])
            blocks[tiny.model.limits.kvGroups.count * 2 - 1] = -1
            _ = tiny.rows(
                of: ModelBatch(
                    tokens: [1],
                    slices: [ModelBatch.Slice(rows: 0..<1, position: 64, blocks: blocks, logitRows: [0])]
                )
            )
        }
    }
}
