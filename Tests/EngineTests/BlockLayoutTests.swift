import Engine
import Models
import Testing

/// A layout of groups with these windows, 0 for none.
private func layout(_ windows: [Int], tokensPerBlock: Int = 4, longestChunk: Int = 10) -> BlockLayout {
    BlockLayout(
        tokensPerBlock: tokensPerBlock,
        groups: windows.enumerated().map { KVGroup(window: $1, layers: [$0]) },
        longestChunk: longestChunk
    )
}

@Suite struct BlockLayoutTests {
    @Test func groupsThatKeepEverythingHaveABlockForEachRow() {
        #expect([0, 1, 4, 5].map { layout([0, 0]).mostBlocks(length: $0, remaining: 1) } == [0, 2, 2, 4])
    }

    @Test func aWindowTakesTheBlocksOfTheTokensThatAChunkSees() {
        // 6 and 15 consecutive tokens at most, the first of which may be the last of its block.
        #expect(layout([6]).mostBlocks(length: 100, remaining: 1) == 3)
        #expect(layout([6]).mostBlocks(length: 100, remaining: 100) == 5)
        #expect(layout([6]).mostBlocks(length: 8, remaining: 8) == 2)
        #expect(layout([0, 6, 6]).mostBlocks(length: 100, remaining: 5) == 25 + 2 * 4)
        #expect(layout([1]).mostBlocks(length: 100, remaining: 1) == 1)
    }

    @Test func noPositionNeedsMoreThanTheMost() {
        for window in 1...9 {
            for chunk in 1...10 {
                let layout = layout([window])
                let needed = (0..<60).map { computed in
                    layout.rows(holding: computed + chunk) - layout.firstRow(layout.groups[0], computed: computed)
                }
                #expect(needed.max() == layout.mostBlocks(length: 100, remaining: chunk), "\(window), \(chunk)")
            }
        }
    }

    @Test func noSizeOverflows() {
        let huge = [1, 2, .max - 1, .max]
        for window in [0] + huge {
            for tokens in huge {
                let layout = layout([0, window, window], tokensPerBlock: tokens, longestChunk: tokens)
                for length in [0] + huge {
                    #expect(layout.mostBlocks(length: length, remaining: length) >= layout.rows(holding: length))
                }
            }
        }
    }

    @Test func aPromptThatIsNotCutIsAChunkOfItsOwn() {
        var configuration = EngineConfiguration(maxSequenceLength: 64, blockCount: 8, maxNumTokens: 48)
        (configuration.prefillTokens, configuration.prefillTokensBesideDecoding) = (24, 7)
        #expect(BlockLayout(configuration, groups: [.all(layers: 1)]).longestChunk == 24)
        configuration.enableChunkedPrefill = false
        #expect(BlockLayout(configuration, groups: [.all(layers: 1)]).longestChunk == 48)
    }
}
