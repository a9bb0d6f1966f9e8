import Parallel
import Testing

/// What a lost rank does to those that wait for it.
@Suite struct InterruptionTests {
    private let lost = CommunicatorError.lost(rank: 1, reason: "it has ended")

    @Test func endsWhatWaitsForARankThatDoesNotCome() throws {
        let lost = lost
        let results = RankThreads.results(try InProcessRanks.communicators(3)) { ranks in
            if ranks.rank == 1 { ranks.interruption.end(with: lost) } else { _ = try ranks.sum([1]) }
        }
        #expect(throws: lost) { try results[0].get() }
        #expect(throws: lost) { try results[2].get() }
    }

    @Test func endsLaterCallsAndThoseOfGroups() throws {
        let lost = lost
        let results = RankThreads.results(try InProcessRanks.communicators(2)) { world in
            let group = try world.split(color: 0)
            try group.barrier()
            world.interruption.end(with: lost)
            try group.barrier()
        }
        for result in results { #expect(throws: lost) { try result.get() } }
    }

    @Test func theFirstReasonCounts() {
        let interruption = Interruption()
        #expect(interruption.error == nil)
        interruption.end(with: lost)
        interruption.end(with: .failed("later"))
        #expect(interruption.error == lost)
    }
}
