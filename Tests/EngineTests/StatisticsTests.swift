import Engine
import Testing

@Suite struct NewestRingTests {
    private func statistics(_ iteration: Int) -> IterationStatistics {
        var statistics = IterationStatistics()
        statistics.iteration = iteration
        return statistics
    }

    @Test func theOldestIsDroppedAndAReadTakesAll() {
        var ring = NewestRing<IterationStatistics>(capacity: 3)
        for iteration in 1...8 { ring.append(statistics(iteration)) }
        let newest = ring.drain().map(\.iteration)
        #expect(newest == [6, 7, 8])
        let none = ring.drain()
        #expect(none.isEmpty)
        ring.append(statistics(9))
        let next = ring.drain().map(\.iteration)
        #expect(next == [9])
    }

    @Test func aRingWithoutRoomKeepsNothing() {
        var ring = NewestRing<IterationStatistics>(capacity: 0)
        ring.append(statistics(1))
        let none = ring.drain()
        #expect(none.isEmpty)
    }
}

@Suite struct BatchTunerTests {
    @Test func itRecommendsAPowerOfTwoAboveTheAverageOfTheWindow() {
        var tuner = BatchTuner()
        #expect(tuner.batchSize(limit: 2048) == 2048)
        for _ in 0..<BatchTuner.window { tuner.record(sequences: 10, tokens: 100) }
        #expect(tuner.batchSize(limit: 2048) == 16)
        #expect(tuner.tokenCount(limit: 8192) == 128)
        #expect(tuner.tokenCount(limit: 100) == 100)
        // What is older than the window doesn't count any more.
        for _ in 0..<BatchTuner.window { tuner.record(sequences: 1, tokens: 1) }
        #expect(tuner.batchSize(limit: 2048) == 2)
    }
}

@Suite struct IterationStatisticsTests {
    @Test func theHitRateIsTheReusedShare() {
        var cache = IterationStatistics.KVCache()
        #expect(cache.cacheHitRate == 0)
        (cache.reusedBlocks, cache.missedBlocks) = (3, 1)
        #expect(cache.cacheHitRate == 0.75)
    }
}
