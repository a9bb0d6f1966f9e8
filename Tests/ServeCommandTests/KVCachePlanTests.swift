import CommandSupport
import Engine
import Models
import Testing
import trtllm_serve

private let gibi = 1 << 30

/// A plan for a model of 1 KiB a token; with one group of layers its blocks have 32 KiB.
private func plan(
    free: Int,
    reserved: Int = 0,
    length: Int = 4096,
    batch: Int = 2048,
    windows: [Int] = [0],
    _ change: (inout ServeConfiguration.KVCache) -> Void = { _ in },
) throws -> KVCachePlan {
    var settings = ServeConfiguration.KVCache()
    change(&settings)
    return try KVCachePlan(
        settings,
        KVCachePlan.Needs(
            freeBytes: free,
            reservedBytes: reserved,
            bytesPerToken: 1024,
            layout: BlockLayout(
                tokensPerBlock: settings.tokensPerBlock,
                groups: windows.enumerated().map { KVGroup(window: $1, layers: [$0]) },
                longestChunk: 1024
            ),
            maxSequenceLength: length,
            maxBatchSize: batch
        ),
    )
}

@Suite struct KVCachePlanTests {
    @Test func takesTheFractionOfWhatIsLeft() throws {
        let made = try plan(free: 3 * gibi, reserved: gibi) {
            $0.memoryFraction = 0.5
            $0.isFractionGiven = true
        }
        #expect(made.byteCount == gibi)
        #expect(made.blockCount == gibi / 32_768)
    }

    @Test func staysUnderTheDefaultLimitUnlessAShareIsAskedFor() throws {
        #expect(try plan(free: 100 * gibi).byteCount == 2 * gibi)
        #expect(try plan(free: 100 * gibi) { $0.isFractionGiven = true }.byteCount > 7 * gibi)
        #expect(try plan(free: 100 * gibi, length: 8 << 20).byteCount == 8 * gibi)
    }

    @Test func neverHoldsMoreThanCouldBeUsed() throws {
        let made = try plan(free: 100 * gibi, length: 33, batch: 3) { $0.isFractionGiven = true }
        #expect(made.blockCount == 6)
        #expect(try plan(free: 100 * gibi, length: 33, batch: .max).byteCount == 2 * gibi)
    }

    @Test func limitsOfTheFileHold() throws {
        #expect(try plan(free: 100 * gibi) { $0.maxTokens = 40_000 }.blockCount == 1250)
        #expect(try plan(free: 100 * gibi) { $0.maxBytes = gibi }.byteCount == gibi)
    }

    @Test func aSequenceNeedsOnlyItsWindowsInLayersThatHaveOne() throws {
        // 128 blocks of 8 KiB in one group, and those of 512 - 1 + 1024 tokens, at most 49, in the other three.
        let windows = [0, 512, 512, 512]
        let made = try plan(free: gibi, windows: windows) { $0.maxBytes = (128 + 3 * 49) * 8192 }
        #expect(made.blockCount == 128 + 3 * 49 && made.byteCount == made.blockCount * 8192)
        #expect(throws: StartupError.self) {
            try plan(free: gibi, windows: windows) { $0.maxBytes = (128 + 3 * 49) * 8192 - 1 }
        }
        #expect(try plan(free: 100 * gibi, windows: windows) { $0.maxTokens = 40_000 }.blockCount == 4 * 1250)
    }

    @Test func sizesInTheMessageAreThoseOfTheSequence() {
        #expect {
            try plan(free: 3 * gibi, length: 1_000_000_000)
        } throws: { "\($0)".contains("needs 31250000 (953.7 GiB)") && "\($0)".contains("3 GiB are free") }
    }

    static let extremes = [0, 1, 31, 1 << 31, 1 << 32, 1 << 62, .max - 1, .max]

    @Test(arguments: extremes, extremes) func noSizeOverflows(length: Int, free: Int) {
        for other in Self.extremes {
            for tokensPerBlock in [32, 1 << 31, .max] {
                let made = try? plan(free: free, reserved: other, length: length, batch: other) {
                    $0.isFractionGiven = true
                    $0.tokensPerBlock = tokensPerBlock
                    $0.maxTokens = other
                    $0.maxBytes = other
                }
                if let made { #expect(made.blockCount <= Int(Int32.max) && made.byteCount >= made.blockCount) }
            }
        }
    }

    @Test func poolTooSmallForOneSequenceSaysWhatToChange() {
        for make in [
            { try plan(free: 1 << 20) },
            { try plan(free: 100 * gibi) { $0.maxTokens = 10 } },
            { try plan(free: gibi, reserved: 2 * gibi) },
        ] {
            #expect {
                try make()
            } throws: { "\($0)".contains("--max_seq_len") && "\($0)".contains("max_tokens") }
        }
    }
}
