import Parallel
import Testing

/// How a rank notices that its own computing hangs.
@Suite struct StandstillTests {
    private static let rest = "its computing has stood still for 4 seconds"
    private static let circling = "its computing has got nowhere for 4 seconds, though it keeps a core busy"

    /// What is said first of threads that are looked at five times a second, and when.
    private static func verdict(
        seconds: Double = 100,
        _ signs: (_ now: Double) -> ComputeSigns?,
    ) -> (String, Double)? {
        var judge = StandstillJudge()
        for look in 0...Int(seconds * 5) {
            let now = 1000 + Double(look) / 5
            if let reason = judge.standstill(signs(now - 1000), now: now) { return (reason, now - 1000) }
        }
        return nil
    }

    private static func nanoseconds(_ seconds: Double) -> Int { Int(seconds * 1e9) }

    @Test(arguments: [nil, 5]) func threadsThatUseNoCoreHang(beats: Int?) throws {
        let (reason, second) = try #require(
            Self.verdict { now in ComputeSigns(beats: beats, processorTimes: [17, now < 2 ? Self.nanoseconds(now) : 4])
            }
        )
        #expect(reason == Self.rest)
        #expect(second >= 6 && second < 6.5)
    }

    @Test func aThreadThatKeepsACoreBusyAndGetsNowhereHangs() throws {
        let (reason, second) = try #require(
            Self.verdict { now in
                ComputeSigns(beats: now < 2 ? Int(now * 10) : 20, processorTimes: [7, Self.nanoseconds(now)])
            }
        )
        #expect(reason == Self.circling)
        #expect(second >= 5.8 && second < 6.5)
    }

    @Test func whoIsIdleOrWorksSlowlyDoesNot() {
        let signs: [(Double) -> ComputeSigns?] = [
            { _ in nil },
            // Work that isn't counted: memory that is made ready.
            { ComputeSigns(beats: nil, processorTimes: [Self.nanoseconds($0), 4]) },
            // It has used a nanosecond since the last look.
            { ComputeSigns(beats: nil, processorTimes: [Int($0 * 5)]) },
            // Pieces that take three seconds each, of one thread and of four.
            { ComputeSigns(beats: Int($0 / 3), processorTimes: [Self.nanoseconds($0)]) },
            { ComputeSigns(beats: Int($0 / 3), processorTimes: (0..<4).map { _ in 1 } + [Self.nanoseconds($0)]) },
            // A piece that takes sixteen, because others have the cores.
            { ComputeSigns(beats: Int($0 / 16), processorTimes: [Self.nanoseconds($0 / 5)]) },
            // Pages of a slow disk: one comes after every fifty seconds.
            { ComputeSigns(beats: 5, processorTimes: [Int($0 / 50)], isHeldUp: { true }) },
        ]
        for (index, signs) in signs.enumerated() { #expect(Self.verdict(signs) == nil, "\(index)") }
    }

    @Test func aDeviceThatNeverAnswersIsGivenUp() throws {
        let (reason, second) = try #require(
            Self.verdict { _ in ComputeSigns(beats: 5, processorTimes: [4], isHeldUp: { true }) }
        )
        #expect(reason == "its computing has waited for a device or a core for 60 seconds")
        #expect(second >= 60 && second < 61)
    }

    @Test func aProcessThatWasStoppedHasNotHung() {
        var judge = StandstillJudge()
        let signs = ComputeSigns(beats: 5, processorTimes: [4])
        for now in [1.0, 1.2, 9, 9.2, 12.8] { #expect(judge.standstill(signs, now: now) == nil) }
    }

    @Test func aRankWhoseComputingHangsIsLostToAll() throws {
        let start = ContinuousClock.now
        let ends = try RankWorldTests.worlds(2, RankWorld.Options()) { world in
            if world.communicator.rank == 1 { world.watch.follow { ComputeSigns(beats: nil, processorTimes: [17]) } }
            return world.watch.run()
        }
        #expect(ends == [1, 1].map { .lost(.lost(rank: $0, reason: Self.rest)) })
        #expect(start.duration(to: .now) > .seconds(3.9) && start.duration(to: .now) < .seconds(6))
    }
}
