import Engine
import RequestParameters
import Testing

/// Properties that hold under any load: nothing leaks, everybody finishes, and nobody notices the others.
@Suite struct SchedulerLoadTests {
    struct Load: CustomTestStringConvertible, Sendable {
        var seed: UInt64
        var policy: CapacityPolicy
        var reuse = true
        var chunked = true
        var blocks = 40
        /// Of how many requests one has no limit of its own.
        var unlimited = Int.max
        /// The windows of the model's groups of layers, 0 for none.
        var windows = [0]
        var testDescription: String {
            "\(policy) seed \(seed) reuse \(reuse) chunked \(chunked) blocks \(blocks) one of \(unlimited) unlimited "
                + "windows \(windows)"
        }
    }

    static let loads: [Load] = CapacityPolicy.allCases.flatMap { policy in
        [
            Load(seed: 1, policy: policy),
            Load(seed: 2, policy: policy, blocks: 16),
            Load(seed: 3, policy: policy, reuse: false),
            Load(seed: 4, policy: policy, chunked: false, blocks: 24),
            Load(seed: 5, policy: policy, blocks: 200),
            Load(seed: 6, policy: policy, reuse: false, blocks: 17),
            Load(seed: 7, policy: policy, blocks: 24, unlimited: 3),
            Load(seed: 8, policy: policy, reuse: false, blocks: 16, unlimited: 1),
            Load(seed: 9, policy: policy, blocks: 17, unlimited: 2),
            Load(seed: 10, policy: policy, blocks: 100, windows: [0, 10, 10]),
            Load(seed: 11, policy: policy, blocks: 36, windows: [0, 10, 10]),
            Load(seed: 12, policy: policy, blocks: 12, windows: [7]),
            Load(seed: 13, policy: policy, reuse: false, blocks: 70, windows: [0, 0, 20, 5]),
            Load(seed: 14, policy: policy, chunked: false, blocks: 40, unlimited: 2, windows: [0, 10]),
            Load(seed: 15, policy: policy, blocks: 32, unlimited: 3, windows: [0, 10]),
            Load(seed: 16, policy: policy, blocks: 200, unlimited: 1, windows: [12, 4]),
        ]
    }

    @Test(arguments: loads) func everyRequestGetsWhatItGetsAlone(_ load: Load) throws {
        var random = SeededGenerator(load.seed)
        var harness = try SchedulerHarness(
            EngineConfiguration(
                maxSequenceLength: 64,
                blockCount: load.blocks,
                maxBatchSize: 12,
                maxNumTokens: 48,
                tokensPerBlock: 4,
                enableBlockReuse: load.reuse,
                enableChunkedPrefill: load.chunked,
                capacityPolicy: load.policy,
                prefillTokens: 24,
                prefillTokensBesideDecoding: 7,
            ),
            windows: load.windows
        )
        let stems = (0..<6).map { _ in Self.tokens(Int.random(in: 3...30, using: &random), &random) }
        var alive: [UInt64] = []
        for _ in 0..<60 {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                alive.append(harness.add(Self.request(stems, load, &random)))
            }
            for _ in 0..<Int.random(in: 1...4, using: &random) { harness.step() }
            if Int.random(in: 0..<4, using: &random) == 0, let victim = alive.randomElement(using: &random) {
                harness.cancel(victim)
            }
        }
        harness.finish()
        #expect(harness.collected.values.filter { !$0.isLast }.isEmpty)
        harness.expectReferenceOutputs()
        if load.policy == .maxUtilization, load.blocks < 20, load.windows == [0] {
            #expect(harness.scheduler.pauseCount > 0)
        }
        if load.policy == .maxUtilization, load.seed == 11 || load.seed == 15 {
            #expect(harness.scheduler.pauseCount > 0)
        }
        if load.policy == .guaranteedNoEvict {
            // Beside others, too, those with a limit never are, which the harness asks after every step.
            if load.unlimited == .max { #expect(harness.scheduler.pauseCount == 0) }
            if load.seed == 7 { #expect(harness.scheduler.pauseCount > 0) }
        }
        if load.reuse { #expect(harness.scheduler.cache.counters.reused > 0) }
    }

    private static func tokens(_ count: Int, _ random: inout SeededGenerator) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: 0..<50, using: &random) }
    }

    private static func request(_ stems: [[Int32]], _ load: Load, _ random: inout SeededGenerator) -> EngineRequest {
        var prompt = stems.randomElement(using: &random) ?? []
        prompt = Array(prompt.prefix(Int.random(in: 1...prompt.count, using: &random)))
        prompt += tokens(Int.random(in: 0...10, using: &random), &random)
        var request = EngineRequest(promptTokens: prompt, maxTokens: Int.random(in: 1...20, using: &random))
        request.choiceCount = [1, 1, 1, 2, 5].randomElement(using: &random) ?? 1
        request.sampling.seed = random.next()
        request.sampling.temperature = [0, 0.7, 1.5].randomElement(using: &random) ?? 0
        request.sampling.topP = [1, 0.8].randomElement(using: &random) ?? 1
        request.sampling.topK = [0, 5].randomElement(using: &random) ?? 0
        request.sampling.repetitionPenalty = [1, 1.3].randomElement(using: &random) ?? 1
        request.sampling.frequencyPenalty = [0, 0.5].randomElement(using: &random) ?? 0
        request.endTokens = Bool.random(using: &random) ? [1, 2] : []
        request.stopTokens = Bool.random(using: &random) ? [7] : []
        request.minTokens = Int.random(in: 0...3, using: &random)
        request.logProbabilities = [nil, 0, 3].randomElement(using: &random) ?? nil
        if Int.random(in: 0..<8, using: &random) == 0 { request.promptLogProbabilities = 1 }
        if Int.random(in: 0..<8, using: &random) == 0 { request.maxTokens = 0 }
        request.group = [nil, 1, 1, 2, 3].randomElement(using: &random) ?? nil
        if load.unlimited < .max, Int.random(in: 0..<load.unlimited, using: &random) == 0 {
            (request.hasExplicitLimit, request.maxTokens) = (false, 64 - prompt.count)
        }
        return request
    }
}
