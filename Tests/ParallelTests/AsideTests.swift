import Parallel
import Testing

/// What a group is whose exchanges aren't counted.
@Suite struct AsideTests {
    @Test func itsExchangesArentThoseOfAllButItEndsWithThem() throws {
        _ = try RankThreads.run(InProcessRanks.communicators(2)) { world in
            let aside = try world.split(color: 0, isCounted: false)
            let (traffic, looks) = (world.traffic, world.interruption.looks)
            if aside.rank == 0 { try aside.send([1, 2, 3], to: 1) } else { _ = try aside.receive(3, from: 0) }
            try aside.barrier()
            #expect(world.traffic == traffic && world.interruption.looks == looks)
            #expect(aside.traffic.calls == 2)
            world.interruption.end(with: .failed("ended"))
            #expect(throws: CommunicatorError.self) { try aside.interruption.check() }
        }
    }
}
