import Parallel
import Testing

/// What ranks learn of each other while they work.
@Suite struct RankWatchTests {
    private static let options = RankWorld.Options()

    @Test func allEndWhenTheWorkIsDone() throws {
        let ends = try RankWorldTests.worlds(3, Self.options) { world in
            world.watch.finish()
            return world.watch.run()
        }
        #expect(ends == [.done, .done, .done])
    }

    @Test func whatARankSaysEndsAllAndTheirCalls() throws {
        let ends = try RankWorldTests.worlds(3, Self.options) { world in
            if world.communicator.rank == 2 { world.watch.fail("it is out of memory") }
            let end = world.watch.run()
            #expect(throws: CommunicatorError.self) { try world.communicator.barrier() }
            return end
        }
        #expect(ends[0] == .lost(.lost(rank: 2, reason: "it is out of memory")))
        #expect(ends[1] == .lost(.failed("rank 2 is lost: it is out of memory")))
    }

    @Test func aRankThatGoesAwayIsNoticed() throws {
        let ends = try RankWorldTests.worlds(2, Self.options) { world in
            // Rank 1's world, and with it its connection, ends here.
            world.communicator.rank == 1 ? .done : world.watch.run(explain: { "rank \($0) was seen to end" })
        }
        #expect(ends[0] == .lost(.lost(rank: 1, reason: "rank 1 was seen to end")))
    }

    @Test func aRankThatIsSilentIsLost() throws {
        let ends = try RankWorldTests.worlds(2, RankWorld.Options(transport: .tcp)) { world in
            guard world.communicator.rank == 1 else { return world.watch.run() }
            // It waits, but says nothing: only when rank 0 has given up does its call end.
            _ = try? world.communicator.receive(1, from: 0)
            return RankWatch.End.done
        }
        #expect(ends[0] == .lost(.lost(rank: 1, reason: "it hasn't answered for 4 seconds")))
    }
}
