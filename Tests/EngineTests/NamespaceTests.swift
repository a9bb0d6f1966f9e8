import Engine
import Testing

/// Prefixes are shared within a namespace and never beyond.
@Suite struct NamespaceTests {
    private func request(_ salt: String?, _ prompt: [Int32] = Array(1...20)) -> EngineRequest {
        var request = EngineRequest(promptTokens: prompt, maxTokens: 6)
        request.namespace = salt.map { PrefixNamespace(salt: $0) }
        return request
    }

    private func harness(blocks: Int = 64, windows: [Int] = [0]) throws -> SchedulerHarness {
        let configuration = EngineConfiguration(maxSequenceLength: 64, blockCount: blocks, tokensPerBlock: 4)
        return try SchedulerHarness(configuration, windows: windows)
    }

    @Test(arguments: [[0], [0, 8]]) func prefixesAreFoundInTheirOwnNamespaceOnly(windows: [Int]) throws {
        var harness = try harness(windows: windows)
        var cached: [Int?] = []
        for salt in [nil, "a", "b", nil, "a", "b", "", ""] {
            let id = harness.add(request(salt))
            harness.finish()
            cached.append(harness.collected[id]?.startedWith)
        }
        #expect(cached == [0, 0, 0, 19, 19, 19, 0, 19])
        harness.expectReferenceOutputs()
    }

    @Test func requestsThatRunTogetherAdoptNothingFromAnotherNamespace() throws {
        var harness = try harness()
        harness.scheduler.costs.learn(StepLoad(), seconds: 1)
        for salt in ["a", "b", "a", "b"] { harness.add(request(salt)) }
        harness.step()
        harness.step()
        let blocks = harness.plans.flatMap(\.slices).reduce(into: [UInt64: Set<Int32>]()) { blocks, slice in
            blocks[slice.key.request, default: []].formUnion(slice.blocks)
        }
        let (a, b) = ((blocks[1] ?? []).union(blocks[3] ?? []), (blocks[2] ?? []).union(blocks[4] ?? []))
        #expect(!a.isEmpty && a.isDisjoint(with: b))
        harness.finish()
        harness.expectReferenceOutputs()
    }

    @Test func aPausedSequenceComesBackToItsNamespace() throws {
        var configuration = EngineConfiguration(maxSequenceLength: 40, blockCount: 12, tokensPerBlock: 4)
        configuration.capacityPolicy = .maxUtilization
        var harness = try SchedulerHarness(configuration)
        for number in 0..<4 {
            var request = request("\(number % 2)", [1, 2, 3, 4, 5, Int32(number / 2)])
            request.maxTokens = 30
            harness.add(request)
        }
        harness.finish()
        harness.expectReferenceOutputs()
        #expect(harness.scheduler.pauseCount > 0)
    }

    @Test func namespacesAreForgottenWithTheirLastRows() {
        var index = PrefixIndex()
        var roots: Set<UInt64> = []
        for number in 0..<1000 {
            let root = index.root(of: PrefixNamespace(salt: "\(number)"))
            roots.insert(root)
            // Each takes the same block, which is what forgets the one before.
            index.remove(0)
            _ = index.insert([0], after: root, [Int32(number)])
        }
        #expect(roots.count == 1000 && !roots.contains(PrefixIndex.root))
        #expect(index.namespaceCount <= 64)
        #expect(index.find(after: index.root(of: PrefixNamespace(salt: "999")), [999]) != nil)
        #expect(index.find(after: PrefixIndex.root, [999]) == nil)
    }
}
