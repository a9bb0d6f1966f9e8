import Parallel
import Testing

/// What all communicators promise, asked of ranks that share memory.
@Suite struct CollectiveTests {
    /// Around the limits of what travels at once: nothing, little, a slot and more.
    static let counts = [0, 1, 3, 4096, 65_536, 65_537, 200_003]

    @Test(arguments: [2, 3, 4], counts)
    func sumsAddTheRanksPartsInOrder(ranks: Int, count: Int) throws {
        let sums = try RankThreads.run(InProcessRanks.communicators(ranks)) { ranks in
            try ranks.sum(numbers(ranks.rank, count))
        }
        let expected = expectedSum(ranks, count)
        #expect(sums.allSatisfy { $0 == expected })
    }

    @Test(arguments: [2, 3])
    func narrowSumsAreRoundedOnTheWayAndInTheEnd(ranks: Int) throws {
        let count = 140_001
        let sums = try RankThreads.run(InProcessRanks.communicators(ranks, wire: .bfloat16)) { ranks in
            try ranks.sum(numbers(ranks.rank, count))
        }
        let parts = (0..<ranks).map { numbers($0, count).map(rounded) }
        let expected = parts.dropFirst().reduce(parts[0]) { sum, part in zip(sum, part).map { $0 + $1 } }.map(rounded)
        #expect(sums.allSatisfy { $0 == expected })
    }

    @Test func infinitiesAndWhatIsNoNumberStaySoWhenNarrow() throws {
        let special: [Float] = [.infinity, -.infinity, .nan, 3.4e38, -0.0]
        let sums = try RankThreads.run(InProcessRanks.communicators(2, wire: .bfloat16)) { ranks in
            try ranks.sum(ranks.rank == 0 ? special : [Float](repeating: 0, count: special.count))
        }
        for sum in sums {
            #expect(sum[0] == .infinity && sum[1] == -.infinity && sum[2].isNaN)
            #expect(sum[3] == .infinity, "beyond the largest bfloat16")
            #expect(sum[4] == 0)
        }
    }

    @Test(arguments: [2, 3], [[1, 2, 3], [0, 70_000, 1], [40_000, 40_000, 140_000]])
    func scatteredSumsArePiecesOfTheSum(ranks: Int, counts: [Int]) throws {
        let counts = Array(counts[..<ranks])
        let total = counts.reduce(0, +)
        let parts = try RankThreads.run(InProcessRanks.communicators(ranks)) { ranks in
            try ranks.scatterSum(numbers(ranks.rank, total), counts: counts)
        }
        #expect(parts.map(\.count) == counts)
        #expect(Array(parts.joined()) == expectedSum(ranks, total))
    }

    @Test(arguments: [2, 4], [0, 1, 262_144, 600_000])
    func gatheredPartsLieOneBehindTheOther(ranks: Int, count: Int) throws {
        let counts = (0..<ranks).map { count * $0 }
        let wholes = try RankThreads.run(InProcessRanks.communicators(ranks)) { ranks in
            try ranks.gather([UInt8](repeating: UInt8(ranks.rank + 1), count: counts[ranks.rank]), counts: counts)
        }
        let expected = counts.enumerated().flatMap { [UInt8](repeating: UInt8($0 + 1), count: $1) }
        #expect(wholes.allSatisfy { $0 == expected })
    }

    @Test(arguments: [0, 1, 150_000], [WireFormat.float32, .bfloat16])
    func gatheredNumbersAreRoundedAsTheyTravel(count: Int, wire: WireFormat) throws {
        let counts = [count, 0, 2 * count]
        let wholes = try RankThreads.run(InProcessRanks.communicators(3, wire: wire)) { ranks in
            try ranks.gatherNumbers(numbers(ranks.rank, counts[ranks.rank]), counts: counts)
        }
        let expected = counts.enumerated().flatMap { numbers($0, $1) }.map { wire == .float32 ? $0 : rounded($0) }
        #expect(wholes.allSatisfy { $0 == expected })
    }

    @Test(arguments: [0, 2], [0, 1, 300_000])
    func allGetWhatOneBroadcasts(root: Int, count: Int) throws {
        let received = try RankThreads.run(InProcessRanks.communicators(3)) { ranks -> [[UInt8]] in
            // Several in a row: the root may be ahead of the others.
            try (0..<5).map { round -> [UInt8] in
                try ranks.broadcast(
                    [UInt8](repeating: UInt8(ranks.rank * 10 + round), count: count),
                    from: root
                )
            }
        }
        let expected = (0..<5).map { [UInt8](repeating: UInt8(root * 10 + $0), count: count) }
        #expect(received.allSatisfy { $0 == expected })
    }

    @Test func messagesArriveInTheOrderInWhichTheyWereSent() throws {
        let sizes = [1, 0, 65_536, 65_537, 1_000_000, 7]
        let received = try RankThreads.run(InProcessRanks.communicators(2)) { ranks -> [[UInt8]] in
            try sizes.enumerated().map { index, size -> [UInt8] in
                if ranks.rank == 0 {
                    try ranks.send([UInt8](repeating: UInt8(index), count: size), to: 1)
                    return []
                }
                return try ranks.receive(size, from: 0)
            }
        }
        #expect(received[1] == sizes.enumerated().map { [UInt8](repeating: UInt8($0), count: $1) })
    }

    @Test func noRankPassesABarrierBeforeAllHaveCome() throws {
        let ranks = try InProcessRanks.communicators(3)
        let order = try RankThreads.run(ranks) { ranks -> [[UInt8]] in
            var seen: [[UInt8]] = []
            for round in 0..<50 {
                try ranks.barrier()
                seen.append(try ranks.gather([UInt8(round)], counts: [1, 1, 1]))
            }
            return seen
        }
        #expect(order.allSatisfy { $0 == (0..<50).map { [UInt8](repeating: UInt8($0), count: 3) } })
    }

    @Test func groupsOfASplitHaveRanksSumsAndMessagesOfTheirOwn() throws {
        let results = try RankThreads.run(InProcessRanks.communicators(4)) { world -> [Float] in
            let group = try world.split(color: world.rank % 2)
            let pair = try group.split(color: 7)
            let sum = try pair.sum([Float(world.rank)])
            if group.rank == 0 { try group.send([UInt8(world.rank)], to: 1) }
            let message = group.rank == 1 ? try group.receive(1, from: 0) : []
            return [Float(group.rank), Float(group.size), sum[0], Float(message.first ?? 99)]
        }
        #expect(results == [[0, 2, 2, 99], [0, 2, 4, 99], [1, 2, 2, 0], [1, 2, 4, 1]])
    }

    @Test func splittingIntoTooManyGroupsIsAnErrorOnAllRanks() throws {
        let results = RankThreads.results(try InProcessRanks.communicators(2)) { world in
            for _ in 0..<100 { _ = try world.split(color: 0) }
        }
        for result in results { #expect(throws: CommunicatorError.self) { try result.get() } }
    }

    private func rounded(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000)
    }
}
