import OrderedJSON
import Testing
import trtllm_bench

/// A request whose pieces come so many milliseconds after it began.
func request(tokens: Int? = nil, _ milliseconds: [Int]) -> RequestTimes {
    var times = RequestTimes()
    times.pieces = milliseconds.map { times.start + .milliseconds($0) }
    times.tokenCount = tokens ?? milliseconds.count
    return times
}

@Suite struct MeasurementsTests {
    @Test func percentilesInterpolate() {
        let percentiles = Percentiles([40, 10, 20, 30])
        #expect(percentiles.median == 25)
        #expect(percentiles.value(at: 0) == 10)
        #expect(percentiles.value(at: 1) == 40)
        #expect(Percentiles([5]).value(at: 0.99) == 5)
    }

    @Test func latenciesOfARequest() throws {
        let times = request([100, 110, 130])
        #expect(times.timeToFirstToken == 100)
        #expect(times.endToEnd == 130)
        #expect(times.timePerOutputToken == 15)
        #expect(times.interTokenLatencies == [10, 20])
    }

    /// Two tokens came in the last piece.
    @Test func joinedTokensCountForTheTimePerToken() {
        #expect(request(tokens: 4, [100, 110, 130]).timePerOutputToken == 10)
    }

    @Test func ratesAreOfTheWholeRunOrTheMedianRequest() {
        let run = Measurements(
            inputLength: 50,
            times: [request([100, 110, 120]), request([100, 110, 120])],
            seconds: 2
        )
        let rates = Dictionary(uniqueKeysWithValues: run.rates.map { ($0.name, $0.value) })
        #expect(rates["prefill_tokens_per_s"] == 500)
        #expect(rates["decode_tokens_per_s"] == 100)
        #expect(rates["output_tokens_per_s"] == 3)
        #expect(rates["total_tokens_per_s"] == 53)
    }

    @Test func whatWasNotMeasuredIsNullAndADash() {
        for times in [[], [request([])], [request([100])]] {
            let run = Measurements(inputLength: 50, times: times, seconds: 1)
            var report: JSONObject = [:]
            run.append(to: &report)
            #expect(report["tpot_ms"] == ["p50": nil, "p95": nil, "p99": nil])
            #expect(report["decode_tokens_per_s"] == .null)
            var table = ReportTable(title: "t")
            run.append(to: &table)
            #expect(!table.text.contains("nan") && !table.text.contains("inf"))
            #expect(table.text.split(separator: "\n").contains { $0.hasPrefix("itl_ms") && $0.hasSuffix("-") })
        }
    }

    @Test func promptsDependOnNumberAndSeed() {
        let workload = Workload(inputLength: 64, vocabularySize: 100, seed: 7)
        #expect(workload.prompt(3) == Workload(inputLength: 64, vocabularySize: 100, seed: 7).prompt(3))
        let prompts = (0..<50).map { workload.prompt($0) } + [Workload(inputLength: 64, vocabularySize: 100).prompt(3)]
        #expect(Set(prompts).count == 51)
        #expect(prompts.allSatisfy { $0.count == 64 && $0.allSatisfy { (0..<100).contains($0) } })
    }
}
