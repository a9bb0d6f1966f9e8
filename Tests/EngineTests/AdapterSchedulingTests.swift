import Engine
import Models
import Testing

/// Who runs with which adapter.
@Suite struct AdapterSchedulingTests {
    private func harness(adapters: Int, batch: Int = 64) throws -> SchedulerHarness {
        var configuration = EngineConfiguration(maxSequenceLength: 64, blockCount: 64, tokensPerBlock: 4)
        configuration.maxAdapters = adapters
        configuration.maxBatchSize = batch
        return try SchedulerHarness(configuration)
    }

    private func request(_ adapter: Adapter?, first: Int32 = 1) -> EngineRequest {
        var request = EngineRequest(promptTokens: Array(first..<first + 20), maxTokens: 6)
        request.adapter = adapter
        return request
    }

    @Test(arguments: [1, 2, 3]) func noMoreAdaptersRunTogetherThanAreAllowed(limit: Int) throws {
        var harness = try harness(adapters: limit)
        let adapters = (0..<4).map { _ in Adapter() }
        for index in 0..<20 { harness.add(request(index % 5 == 4 ? nil : adapters[index % 5], first: Int32(index))) }
        harness.finish()
        harness.expectReferenceOutputs()
        let counts = harness.plans.map { Set($0.slices.compactMap(\.adapter)).count }
        #expect(counts.max() == limit)
        // Rows of an adapter stand together.
        for plan in harness.plans {
            var seen = Set<UInt64>()
            var last: UInt64?
            for id in plan.slices.map({ $0.adapter?.id ?? 0 }) where id != last {
                #expect(seen.insert(id).inserted)
                last = id
            }
        }
    }

    @Test func namesOfThoseThatRunAndWaitAreTold() throws {
        var harness = try harness(adapters: 1)
        let (one, other) = (Adapter(name: "one"), Adapter(name: "other"))
        var ids: [UInt64] = []
        for adapter in [other, one, other, nil, one] { ids.append(harness.add(request(adapter))) }
        #expect(harness.scheduler.adapters.activity.waiting == ["one", "other"])
        harness.step()
        #expect(harness.scheduler.adapters.activity.running == ["other"])
        #expect(harness.scheduler.adapters.activity.waiting == ["one"])
        for id in [ids[1], ids[4]] { harness.cancel(id) }
        #expect(harness.scheduler.adapters.activity.waiting == [])
        harness.finish()
        #expect(harness.scheduler.adapters.activity == EngineActivity.Adapters())
    }

    /// One that waits for its adapter isn't passed for ever by others.
    @Test func whoWaitsForAnAdapterGetsItsTurn() throws {
        var harness = try harness(adapters: 1, batch: 2)
        let (popular, rare) = (Adapter(), Adapter())
        harness.add(request(popular))
        harness.step()
        let waiting = harness.add(request(rare))
        var others = 0
        while harness.collected[waiting]?.startedWith == nil, others < 200 {
            harness.add(request(popular, first: Int32(others % 20)))
            harness.step()
            others += 1
        }
        #expect(others < 150)
        harness.finish()
    }

    @Test func prefixesBelongToTheirAdapter() throws {
        var harness = try harness(adapters: 2)
        let (one, other) = (Adapter(), Adapter())
        var cached: [Int?] = []
        for adapter in [nil, one, other, nil, one, other] {
            let id = harness.add(request(adapter))
            harness.finish()
            cached.append(harness.collected[id]?.startedWith)
        }
        #expect(cached == [0, 0, 0, 19, 19, 19])
        // What is loaded again, even under its old name, begins anew.
        let again = harness.add(request(Adapter()))
        harness.finish()
        #expect(harness.collected[again]?.startedWith == 0)
    }
}
