import Parallel
import Synchronization
import Testing

/// How a rank notices that its own computing hangs.
@Suite struct StandstillTests {
    /// How rank 0 and rank 1 end when rank 1's threads have run as long as `time` says.
    private static func ends(
        _ time: @escaping @Sendable () -> Int?,
        after seconds: Int,
    ) throws -> [RankWatch.End] {
        try RankWorldTests.worlds(2, RankWorld.Options()) { world in
            if world.communicator.rank == 1 {
                world.watch.follow(time)
            } else {
                let watch = world.watch
                RankThreads.later(seconds) { watch.finish() }
            }
            return world.watch.run()
        }
    }

    @Test func aRankWhoseThreadsUseNoCoreIsLost() throws {
        let start = ContinuousClock.now
        let ends = try Self.ends({ 17 }, after: 9)
        #expect(ends[0] == .lost(.lost(rank: 1, reason: "its computing has stood still for 4 seconds")))
        #expect(start.duration(to: .now) > .seconds(3.9) && start.duration(to: .now) < .seconds(6))
    }

    @Test func whoIsIdleOrWorksSlowlyIsNot() throws {
        let count = Atomic(0)
        // A step that takes for ever, and uses a nanosecond between two looks.
        let slow: @Sendable () -> Int? = { count.add(1, ordering: .relaxed).newValue }
        #expect(try Self.ends(slow, after: 5) == [.done, .done])
        #expect(try Self.ends({ nil }, after: 5) == [.done, .done])
    }
}
