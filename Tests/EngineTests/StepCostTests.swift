import Engine
import Testing

/// The time of iterations, on machines that are simulated: no test here looks at a clock.
@Suite struct StepCostTests {
    /// What a machine and a model really take, with noise.
    struct Machine: CustomTestStringConvertible, Sendable {
        var name: String
        var iteration: Double
        var decodingRow: Double
        var prefillRow: Double
        var context: Double
        var noise = 0.0
        var testDescription: String { name }

        func seconds(_ load: StepLoad) -> Double {
            iteration + decodingRow * Double(load.decodingRows) + prefillRow * Double(load.prefillRows)
                + context * Double(load.prefillContext + load.decodingContext) + 0.002 * Double(load.reportedRows)
        }
    }

    static let machines = [
        Machine(name: "1.5B on two cores", iteration: 0.022, decodingRow: 0.002, prefillRow: 0.0042, context: 3e-7),
        Machine(name: "135M on two cores", iteration: 0.003, decodingRow: 0.0002, prefillRow: 0.0003, context: 5e-8),
        Machine(
            name: "1.5B, noisy",
            iteration: 0.022,
            decodingRow: 0.002,
            prefillRow: 0.0042,
            context: 3e-7,
            noise: 0.3
        ),
    ]

    private func load(decoding: Int, at position: Int, prefill rows: Int) -> StepLoad {
        var load = StepLoad()
        (load.decodingRows, load.decodingContext) = (decoding, decoding * 500)
        (load.prefillRows, load.prefillContext) = (rows, rows * position + rows * (rows + 1) / 2)
        return load
    }

    /// The rows chosen for an iteration beside `decoding` streams.
    private func rows(_ costs: StepCosts, decoding: Int, at position: Int, goal: Double) -> Int {
        costs.rows(
            within: goal,
            beside: load(decoding: decoding, at: 0, prefill: 0),
            rowSeconds: costs.rowSeconds(context: position, isReported: false)
        )
    }

    /// Computes prompts of 8,000 tokens; the true seconds of each iteration, without noise.
    private func run(_ machine: Machine, _ costs: inout StepCosts, prompts: Int, decoding: Int, goal: Double)
        -> [Double]
    {
        var random = SeededGenerator(7)
        var times: [Double] = []
        for _ in 0..<prompts {
            var position = 0
            while position < 8000 {
                let count = min(rows(costs, decoding: decoding, at: position, goal: goal), 8000 - position, 1024)
                let load = load(decoding: decoding, at: position, prefill: count)
                times.append(machine.seconds(load))
                let factor = 1 + Double.random(in: 0...1, using: &random) * machine.noise
                let spike = machine.noise > 0 && Int.random(in: 0..<50, using: &random) == 0 ? 5.0 : 1
                costs.learn(load, seconds: machine.seconds(load) * factor * spike)
                position += count
            }
        }
        return times
    }

    @Test(arguments: machines) func iterationsKeepToTheirGoalWhereverInAPromptTheyAre(_ machine: Machine) {
        for (decoding, goal) in [(0, 0.25), (4, 0.05), (1, 0.05)] {
            var costs = StepCosts()
            _ = run(machine, &costs, prompts: 1, decoding: decoding, goal: goal)
            let times = run(machine, &costs, prompts: 2, decoding: decoding, goal: goal)
            // The fewest rows may take longer than the goal.
            let floor = machine.seconds(load(decoding: decoding, at: 8000, prefill: StepCosts.leastRows))
            #expect(times.max() ?? .infinity <= max(goal * 1.25, floor), "\(decoding) decoding")
            // And the time granted is used.
            let mean = times.reduce(0, +) / Double(times.count)
            #expect(mean >= goal * (machine.noise > 0 ? 0.5 : 0.7), "\(decoding) decoding")
        }
    }

    @Test(arguments: machines) func theFirstPromptTooSettlesWithinAFewIterations(_ machine: Machine) {
        var costs = StepCosts()
        let times = run(machine, &costs, prompts: 1, decoding: 0, goal: 0.25)
        #expect(times[0] <= 0.25)
        #expect(times[12] >= 0.25 * 0.5)
    }

    @Test func theCostOfPromptsIsRememberedThroughLongDecoding() {
        var costs = StepCosts()
        _ = run(Self.machines[0], &costs, prompts: 1, decoding: 4, goal: 0.05)
        let decoding = load(decoding: 4, at: 0, prefill: 0)
        for _ in 0..<10_000 { costs.learn(decoding, seconds: Self.machines[0].seconds(decoding)) }
        let ratio = costs.rowSeconds(context: 4000, isReported: false) / (0.0042 + 4000 * 3e-7)
        #expect((0.75...1.25).contains(ratio))
    }

    @Test func nonsenseFromTheClockChangesNothing() {
        var costs = StepCosts()
        let load = load(decoding: 1, at: 0, prefill: 8)
        let before = costs.seconds(load)
        for seconds in [0, -1, Double.nan, .infinity] { costs.learn(load, seconds: seconds) }
        #expect(costs.seconds(load) == before)
        for _ in 0..<10_000 { costs.learn(load, seconds: 1e300) }
        #expect(rows(costs, decoding: 1, at: 0, goal: 0.05) == StepCosts.leastRows)
        for _ in 0..<10_000 { costs.learn(load, seconds: 1e-300) }
        #expect(rows(costs, decoding: 1, at: 0, goal: 0.05) > 1000)
    }

    @Test func rowsAreHalvesOfPanelsOrFours() {
        for step in 1...400 {
            let count = rows(StepCosts(), decoding: 0, at: 0, goal: Double(step) * 0.01)
            #expect(count % (count >= 64 ? 32 : 4) == 0 && count >= StepCosts.leastRows)
        }
    }

    @Test func promptsGetAsLongAsDecodingTakesUpToALimit() throws {
        for (row, expected) in [(0.001, 0.05), (0.0025, 0.08), (0.0035, 0.1), (0.005, 0.1)] {
            let configuration = EngineConfiguration(maxSequenceLength: 1024, blockCount: 4000, tokensPerBlock: 4)
            var harness = try SchedulerHarness(configuration)
            let machine = Machine(name: "", iteration: 1e-4, decodingRow: row, prefillRow: 0.001, context: 0)
            for prompt in 0..<16 { harness.add(EngineRequest(promptTokens: [Int32(prompt)], maxTokens: 130)) }
            for _ in 0..<100 { harness.step(taking: machine.seconds) }
            harness.add(EngineRequest(promptTokens: (0..<900).map { Int32($0 % 50) }, maxTokens: 1))
            for _ in 0..<10 { harness.step(taking: machine.seconds) }
            let seconds = try machine.seconds(StepLoad(#require(harness.plans.last)))
            #expect(abs(seconds - expected) <= 0.1 * expected, "\(row) for each stream")
        }
    }

    @Test func promptsThatOutnumberStreamsGetMoreThanHalfOfAnIteration() throws {
        for (prompts, expected) in [(1, 0.06), (3, 0.075), (9, 0.1)] {
            let configuration = EngineConfiguration(maxSequenceLength: 1024, blockCount: 4000, tokensPerBlock: 4)
            var harness = try SchedulerHarness(configuration)
            let machine = Machine(name: "", iteration: 1e-4, decodingRow: 0.015, prefillRow: 0.001, context: 0)
            for prompt in 0..<2 { harness.add(EngineRequest(promptTokens: [Int32(prompt)], maxTokens: 130)) }
            for _ in 0..<100 { harness.step(taking: machine.seconds) }
            for prompt in 0..<prompts {
                let tokens = (0..<900).map { Int32(($0 + prompt) % 50) }
                harness.add(EngineRequest(promptTokens: tokens, maxTokens: 1))
            }
            for _ in 0..<10 { harness.step(taking: machine.seconds) }
            let seconds = try machine.seconds(StepLoad(#require(harness.plans.last)))
            #expect(abs(seconds - expected) <= 0.15 * expected, "\(prompts) prompts")
        }
    }

    @Test func aSlowMachineComputesFewRowsBesideStreamsAndTheBatchStaysSmall() throws {
        var configuration = EngineConfiguration(maxSequenceLength: 256, blockCount: 4000, tokensPerBlock: 4)
        configuration.maxNumTokens = 512
        var harness = try SchedulerHarness(configuration)
        let slow = Machine(name: "slow", iteration: 0.02, decodingRow: 0.02, prefillRow: 0.02, context: 1e-6)
        for prompt in 0..<100 { harness.add(EngineRequest(promptTokens: [Int32(prompt % 50)], maxTokens: 30)) }
        for _ in 0..<20 { harness.step(taking: slow.seconds) }
        harness.add(EngineRequest(promptTokens: (0..<200).map { Int32($0 % 50) }, maxTokens: 2))
        harness.finish(taking: slow.seconds)
        let beside = harness.plans.filter { $0.slices.contains(where: \.isDecoding) }.map { StepLoad($0).prefillRows }
        #expect(beside.max() == StepCosts.leastRows)
        // A panel of rows, though there are places for all.
        #expect(harness.plans.map(\.slices.count).max() == 64)
        harness.expectReferenceOutputs()
    }
}
