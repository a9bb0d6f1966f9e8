import Parallel
import Testing

/// What is counted of exchanges.
@Suite struct TrafficTests {
    @Test(arguments: [(2, 100, 400), (3, 100, 800), (3, 30_000, 160_000), (4, 30_000, 180_000)])
    func countsBytesForEachRankThatGetsThem(ranks: Int, count: Int, bytes: Int) throws {
        let traffic = try RankThreads.run(InProcessRanks.communicators(ranks)) { ranks in
            let before = ranks.traffic
            _ = try ranks.sum(numbers(ranks.rank, count))
            return ranks.traffic.since(before)
        }
        #expect(traffic.map(\.bytesSent) == [Int](repeating: bytes, count: ranks))
        #expect(traffic.allSatisfy { $0.calls == 1 && $0.nanoseconds > 0 })
    }

    @Test func narrowNumbersTakeHalfTheBytes() throws {
        let traffic = try RankThreads.run(InProcessRanks.communicators(2, wire: .bfloat16)) { ranks in
            _ = try ranks.sum(numbers(ranks.rank, 100))
            return ranks.traffic.bytesSent
        }
        #expect(traffic == [200, 200])
    }

    @Test func groupsCountWithTheWhole() throws {
        let traffic = try RankThreads.run(InProcessRanks.communicators(2)) { world in
            let group = try world.split(color: 0)
            let before = world.traffic
            if group.rank == 0 { try group.send([1, 2, 3], to: 1) } else { _ = try group.receive(3, from: 0) }
            return world.traffic.since(before).bytesSent
        }
        #expect(traffic == [3, 0])
    }

    @Test func aSingleProcessSendsNothing() throws {
        let single = SingleProcess()
        #expect(try single.sum([1, 2]) == [1, 2])
        #expect(try single.gather([5], counts: [1]) == [5])
        #expect(try single.scatterSum([3], counts: [1]) == [3])
        #expect(try single.split(color: 3).size == 1)
        #expect(single.traffic == CommunicatorTraffic())
    }
}
