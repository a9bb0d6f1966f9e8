import ArgumentParser
import Testing
import trtllm_bench

@Suite struct LoadOptionsTests {
    @Test func defaults() throws {
        let options = try LoadOptions.parse([])
        #expect(options.baseURL == "http://localhost:8000")
        #expect(options.concurrency == 16)
        #expect(options.requestRate == nil)
        #expect(options.vocabularySize == 32_000)
        #expect(options.objectives.isEmpty)
    }

    @Test func objectivesAreListedOrRepeated() throws {
        let options = try LoadOptions.parse(["--goodput", "ttft:500", "tpot:50.5", "--goodput", "e2e:9000"])
        #expect(options.objectives.map(\.latency) == [.ttft, .tpot, .e2e])
        #expect(options.objectives.map(\.milliseconds) == [500, 50.5, 9000])
    }

    @Test(arguments: [
        (["--num_requests", "0"], "--num_requests is 0, but must be from 1 to 16777216"),
        (["--concurrency", "70000"], "--concurrency is 70000, but must be from 1 to 65536"),
        (["--input_len", "0"], "--input_len is 0"), (["--output_len", "0"], "--output_len is 0"),
        (["--vocabulary_size", "0"], "--vocabulary_size is 0"), (["--request_rate", "0"], "--request_rate is 0"),
        (["--request_rate", "nan"], "--request_rate is nan"), (["--goodput", "itl:5"], "ttft, tpot, e2e"),
        (["--goodput", "ttft"], "NAME:MILLISECONDS"), (["--goodput", "ttft:-5"], "positive"),
        (["--goodput", "ttft:nan"], "positive"), (["--base_url", "https://x"], "https isn't supported"),
    ]) func valuesOutOfRangeAreUsageErrors(arguments: [String], message: String) {
        #expect {
            try LoadOptions.parse(arguments)
        } throws: { error in
            LoadOptions.exitCode(for: error) == .validationFailure
                && LoadOptions.message(for: error).contains(message)
        }
    }

    @Test(arguments: [
        ("http://localhost:8000", "localhost", 8000, ""), ("http://localhost:8000/", "localhost", 8000, ""),
        ("http://localhost:8000/v1", "localhost", 8000, ""), ("http://localhost:8000/v1/", "localhost", 8000, ""),
        ("HTTP://example.org", "example.org", 80, ""), ("http://[::1]:9/v1", "::1", 9, ""),
        ("http://gateway/models/a/v1", "gateway", 80, "/models/a"),
    ]) func addressesAreRead(text: String, host: String, port: Int, prefix: String) throws {
        let address = try ServerAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.prefix == prefix)
    }

    @Test(arguments: ["localhost:8000", "", "http://", "ftp://x", "http://x:0", "http://x:70000", "http://x/?a=b"])
    func otherAddressesAreRefused(text: String) {
        #expect(throws: LoadTestError.self) { try ServerAddress(text) }
    }
}

@Suite struct ArrivalScheduleTests {
    @Test func withoutARateAllComeAtOnce() {
        #expect(ArrivalSchedule(count: 3, rate: nil, seed: 1).offsets == [.zero, .zero, .zero])
    }

    @Test func arrivalsAreSeededAscendingAndAsManyAsTheRateSays() throws {
        let schedule = ArrivalSchedule(count: 4000, rate: 20, seed: 1)
        #expect(schedule.offsets == ArrivalSchedule(count: 4000, rate: 20, seed: 1).offsets)
        #expect(schedule.offsets != ArrivalSchedule(count: 4000, rate: 20, seed: 2).offsets)
        #expect(schedule.offsets == schedule.offsets.sorted())
        #expect(schedule.offsets.first == .zero)
        // 200 seconds, give or take five standard deviations.
        let last = try #require(schedule.offsets.last) / .seconds(1)
        #expect((184...216).contains(last))
        // Of exponential gaps, a share of 1 - 1/e is shorter than the mean.
        let short = zip(schedule.offsets, schedule.offsets.dropFirst()).count { $1 - $0 < .milliseconds(50) }
        #expect((2375...2680).contains(short))
    }
}

@Suite struct ServiceObjectiveTests {
    @Test func onlyRequestsThatKeepAllObjectivesAreGood() throws {
        let objectives = [try ServiceObjective("ttft:100"), try ServiceObjective("tpot:10")]
        let times = [
            request([100, 110, 120]), request([101, 110, 120]), request([90, 101, 112]), request(tokens: 5, [90, 120]),
        ]
        #expect(objectives.goodRequests(times) == 2)
        #expect([try ServiceObjective("e2e:119")].goodRequests(times) == 1)
    }

    @Test func oneTokenHasNoTimeBetweenTokensToKeep() throws {
        #expect([try ServiceObjective("tpot:1")].goodRequests([request([500])]) == 1)
    }
}
