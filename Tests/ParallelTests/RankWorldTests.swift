import Glibc
import Parallel
import Testing

/// How the ranks of a start meet, and what they do by TCP.
@Suite struct RankWorldTests {
    /// Worlds of ranks that are threads of this process and meet at a free port.
    static func worlds<Value: Sendable>(
        _ size: Int,
        _ options: RankWorld.Options,
        _ body: @escaping @Sendable (RankWorld) throws -> Value,
    ) throws -> [Value] {
        try meet(size, [RankWorld.Options](repeating: options, count: size), body).map { try $0.get() }
    }

    static func meet<Value: Sendable>(
        _ size: Int,
        _ options: [RankWorld.Options],
        secrets: [String]? = nil,
        ranks: [Int]? = nil,
        _ body: @escaping @Sendable (RankWorld) throws -> Value,
    ) throws -> [Result<Value, any Error>] {
        let listener = try StreamListener(SocketAddress(host: "127.0.0.1", port: 0))
        let address = SocketAddress(host: "127.0.0.1", port: listener.port)
        return RankThreads.results(count: size) { index in
            let rank = ranks?[index] ?? index
            let identity = RankIdentity(
                rank: rank,
                size: size,
                address: address,
                secret: secrets?[index] ?? "sixteen or more."
            )
            return try body(RankWorld(identity, listener: rank == 0 ? listener : nil, options[index]))
        }
    }

    @Test(arguments: [2, 3], [RankWorld.Transport.auto, .tcp])
    func sumsAreTheSameByWhateverTheyTravel(size: Int, transport: RankWorld.Transport) throws {
        for count in [1, 4096, 100_003] {
            let sums = try Self.worlds(size, RankWorld.Options(transport: transport)) { world in
                try world.communicator.sum(numbers(world.communicator.rank, count))
            }
            let expected = expectedSum(size, count)
            #expect(sums.allSatisfy { $0 == expected })
        }
    }

    @Test(arguments: [WireFormat.float32, .bfloat16])
    func scatteredAndNarrowSumsAreTheSameByTCP(wire: WireFormat) throws {
        let counts = [5, 40_000, 0]
        func parts(_ transport: RankWorld.Transport) throws -> [[[Float]]] {
            try Self.worlds(3, RankWorld.Options(transport: transport, wire: wire)) { world in
                let ranks = world.communicator
                let values = numbers(ranks.rank, 40_005)
                return [
                    try ranks.scatterSum(values, counts: counts), try ranks.sum(values),
                    try ranks.gatherNumbers(numbers(ranks.rank, counts[ranks.rank]), counts: counts),
                ]
            }
        }
        #expect(try parts(.tcp) == parts(.auto))
    }

    @Test func bytesTravelByTCP() throws {
        let results = try Self.worlds(3, RankWorld.Options(transport: .tcp)) { world -> [[UInt8]] in
            let ranks = world.communicator
            let own = UInt8(ranks.rank + 1)
            let whole = try ranks.gather([UInt8](repeating: own, count: Int(own) * 2), counts: [2, 4, 6])
            let news = try ranks.broadcast([UInt8](repeating: own, count: 300_000), from: 2)
            try ranks.barrier()
            // Larger than what the system keeps on the way.
            if ranks.rank == 0 { try ranks.send([UInt8](repeating: 9, count: 20_000_000), to: 1) }
            let message = ranks.rank == 1 ? try ranks.receive(20_000_000, from: 0) : []
            return [whole, news, message]
        }
        for result in results {
            #expect(result[0] == [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3])
            #expect(result[1] == [UInt8](repeating: 3, count: 300_000))
        }
        #expect(results[1][2] == [UInt8](repeating: 9, count: 20_000_000))
    }

    @Test(arguments: [RankWorld.Transport.auto, .tcp])
    func ranksMaySendToEachOtherAtTheSameTime(transport: RankWorld.Transport) throws {
        let received = try Self.worlds(2, RankWorld.Options(transport: transport)) { world -> [[UInt8]] in
            let (ranks, other) = (world.communicator, 1 - world.communicator.rank)
            for part in 0..<3 { try ranks.send([UInt8](repeating: UInt8(part), count: 64_000), to: other) }
            // Both send all before they receive.
            return try (0..<3).map { _ in try ranks.receive(64_000, from: other) }
        }
        let expected = (0..<3).map { [UInt8](repeating: UInt8($0), count: 64_000) }
        #expect(received == [expected, expected])
    }

    @Test(arguments: [RankWorld.Transport.auto, .tcp])
    func groupsAreSplitFromWorlds(transport: RankWorld.Transport) throws {
        let sums = try Self.worlds(4, RankWorld.Options(transport: transport)) { world in
            let group = try world.communicator.split(color: world.communicator.rank / 2)
            let crossing = try world.communicator.split(color: world.communicator.rank % 2)
            return try group.sum([Float(world.communicator.rank)]) + crossing.sum([Float(world.communicator.rank)])
        }
        #expect(sums == [[1, 2], [1, 4], [5, 2], [5, 4]])
    }

    @Test func saysWhatCarriesTheData() throws {
        let shared = try Self.worlds(2, RankWorld.Options()) { "\($0.summary), \($0.place)" }
        #expect(
            shared == [
                "2 ranks on one host, data by shared memory, (rank: 0, count: 2)",
                "2 ranks on one host, data by shared memory, (rank: 1, count: 2)",
            ]
        )
        let sockets = try Self.worlds(2, RankWorld.Options(transport: .tcp)) { $0.summary }
        #expect(sockets[0] == "2 ranks on one host, data by TCP")
    }

    @Test func ranksThatWereStartedDifferentlyEndWithOneMessage() throws {
        let options = ["4096", "2048"].map { RankWorld.Options(settings: ["--max_num_tokens=\($0)", "version=1"]) }
        let results = try Self.meet(2, options) { _ in 0 }
        let messages = results.map(message)
        #expect(messages[0].hasPrefix("rank 1 on ") && messages[0] == messages[1])
        #expect(messages[0].hasSuffix("was started with --max_num_tokens 2048, rank 0 with 4096"))
    }

    @Test func aRankThatComesTwiceEndsAll() throws {
        let options = [RankWorld.Options](repeating: RankWorld.Options(patience: 20), count: 3)
        let results = try Self.meet(3, options, ranks: [0, 1, 1]) { _ in 0 }
        #expect(message(results[0]).hasPrefix("rank 1 was started twice"))
    }

    @Test func unequalFactsNameTheRankAndWhatItHas() throws {
        let results = RankThreads.results(try InProcessRanks.communicators(3)) { ranks in
            try RankAgreement.check(ranks, ["layers: 30", "bytes: \(ranks.rank == 2 ? 7 : 5)"])
        }
        for result in results { #expect(message(result) == "rank 2 has bytes: 7, but rank 0 has bytes: 5") }
    }

    @Test func textsAreGathered() throws {
        let texts = try RankThreads.run(InProcessRanks.communicators(2)) { ranks in
            try RankAgreement.texts(ranks, ranks.rank == 0 ? "" : "two")
        }
        #expect(texts == [["", "two"], ["", "two"]])
    }

    private func message(_ result: Result<some Any, any Error>) -> String {
        switch result {
        case .success: ""
        case .failure(let error): "\(error)"
        }
    }
}
