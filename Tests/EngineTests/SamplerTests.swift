import Engine
import RequestParameters
import Testing

/// The sampler against numbers worked out by hand.
@Suite struct SamplerTests {
    /// Logits whose probabilities at temperature 1 are 0.4, 0.3, 0.2, 0.1 for tokens 1, 3, 0, 2.
    static let logits: [Float] = [-1.609_437_9, -0.916_290_7, -2.302_585_1, -1.203_972_8]

    /// How often each token is drawn over many positions.
    private func shares(_ sampling: SamplingParameters, draws: Int = 1500, logits: [Float] = logits) -> [Double] {
        var counts = [Int](repeating: 0, count: logits.count)
        for position in 0..<draws { counts[Int(sample(sampling, at: position, logits))] += 1 }
        return counts.map { Double($0) / Double(draws) }
    }

    private func sample(
        _ sampling: SamplingParameters,
        at position: Int = 0,
        choice: Int = 0,
        _ logits: [Float] = logits,
        prompt: [Int32] = [0],
        output: [Int32] = [],
        change: (inout EngineRequest) -> Void = { _ in },
    ) -> Int32 {
        var request = EngineRequest(promptTokens: prompt, maxTokens: 10_000)
        request.sampling = sampling
        change(&request)
        var progress = ChoiceProgress(request)
        for token in output { progress.history.record(token) }
        var sampler = Sampler(vocabularySize: logits.count)
        let token = logits.withUnsafeBufferPointer {
            sampler.sample($0, request: request, progress: &progress, choice: choice, outputCount: position)
        }
        return token ?? -1
    }

    private func parameters(_ change: (inout SamplingParameters) -> Void) -> SamplingParameters {
        var parameters = SamplingParameters()
        change(&parameters)
        return parameters
    }

    private func isNear(_ shares: [Double], _ expected: [Double]) -> Bool {
        zip(shares, expected).allSatisfy { abs($0 - $1) < 0.04 && ($1 > 0 || $0 == 0) }
    }

    @Test func theGreatestLogitWinsAtTemperatureZeroAndTheLowestIdAmongEquals() {
        let greedy = parameters { $0.temperature = 0 }
        #expect(sample(greedy) == 1)
        var tied = [Float](repeating: -3, count: 37)
        tied[36] = 2
        tied[9] = 2
        tied[17] = 2
        #expect(sample(greedy, tied) == 9)
        #expect(sample(greedy, [.nan, -.infinity, 1, .nan, 5]) == 4)
        #expect(sample(greedy, [.nan, .nan]) == 0)
    }

    @Test func plainSamplingFollowsTheProbabilities() {
        #expect(isNear(shares(SamplingParameters()), [0.2, 0.4, 0.1, 0.3]))
    }

    @Test func temperatureSharpensAndFlattens() {
        // Squared and normalized: 0.04, 0.16, 0.01, 0.09 of 0.3.
        let cold = parameters { $0.temperature = 0.5 }
        #expect(isNear(shares(cold), [0.133, 0.533, 0.033, 0.3]))
        #expect(isNear(shares(parameters { $0.temperature = 1e6 }), [0.25, 0.25, 0.25, 0.25]))
        #expect(shares(parameters { $0.temperature = 1e-30 }) == [0, 1, 0, 0])
    }

    @Test func topKKeepsExactlyThatManyAndTheLowestIdsAmongEquals() {
        #expect(isNear(shares(parameters { $0.topK = 2 }), [0, 0.571, 0, 0.429]))
        #expect(shares(parameters { $0.topK = 1 }) == [0, 1, 0, 0])
        #expect(isNear(shares(parameters { $0.topK = 4 }), [0.2, 0.4, 0.1, 0.3]))
        #expect(isNear(shares(parameters { $0.topK = 99 }), [0.2, 0.4, 0.1, 0.3]))
        let flat = shares(parameters { $0.topK = 2 }, logits: [1, 1, 1, 1])
        #expect(isNear(flat, [0.5, 0.5, 0, 0]))
    }

    @Test func topPKeepsTheTokenThatCrossesTheBound() {
        #expect(shares(parameters { $0.topP = 0.39 }) == [0, 1, 0, 0])
        #expect(isNear(shares(parameters { $0.topP = 0.41 }), [0, 0.571, 0, 0.429]))
        #expect(isNear(shares(parameters { $0.topP = 0.75 }), [0.222, 0.444, 0, 0.333]))
        #expect(shares(parameters { $0.topP = 1e-6 }) == [0, 1, 0, 0])
    }

    @Test func topPIsAShareOfWhatTopKLeaves() {
        // Of 0.4 and 0.3, the first alone is 0.571.
        #expect(shares(parameters { ($0.topK, $0.topP) = (2, 0.57) }) == [0, 1, 0, 0])
        #expect(isNear(shares(parameters { ($0.topK, $0.topP) = (2, 0.58) }), [0, 0.571, 0, 0.429]))
    }

    @Test func minPIsRelativeToTheMostProbable() {
        #expect(isNear(shares(parameters { $0.minP = 0.45 }), [0.222, 0.444, 0, 0.333]))
        #expect(shares(parameters { $0.minP = 0.8 }) == [0, 1, 0, 0])
        #expect(isNear(shares(parameters { ($0.topK, $0.minP) = (3, 0.1) }), [0.222, 0.444, 0, 0.333]))
    }

    @Test func topPMinHasNoEffectOfItsOwn() {
        let bounded = parameters { ($0.topP, $0.topPMin) = (0.41, 0.9) }
        #expect(shares(bounded) == shares(parameters { $0.topP = 0.41 }))
    }

    @Test func biasMayForceAndForbid() {
        #expect(shares(parameters { $0.logitBias = [2: 100] }) == [0, 0, 1, 0])
        #expect(isNear(shares(parameters { $0.logitBias = [1: -100] }), [0.333, 0, 0.167, 0.5]))
    }

    @Test func repetitionPenaltyCoversPromptAndOutputByTheSignOfTheLogit() {
        let penalized = parameters { ($0.temperature, $0.repetitionPenalty) = (0, 2) }
        // 3 / 2 falls below 2; token 1 isn't in the prompt.
        #expect(sample(penalized, [3, 2, 1], prompt: [0]) == 1)
        // Now -1 * 2 falls below -1.5.
        #expect(sample(penalized, [-1, -1.5, -9], prompt: [2], output: [0]) == 1)
        #expect(sample(penalized, [3, 2, 1], prompt: [0, 1, 2]) == 0)
    }

    @Test func presenceAndFrequencyPenaltiesCoverTheOutputOnly() {
        let presence = parameters { ($0.temperature, $0.presencePenalty) = (0, 1.5) }
        #expect(sample(presence, [3, 2, 1], prompt: [0, 0]) == 0)
        #expect(sample(presence, [3, 2, 1], output: [0]) == 1)
        #expect(sample(presence, [3, 1, 1], output: [0, 0, 0]) == 0)
        let frequency = parameters { ($0.temperature, $0.frequencyPenalty) = (0, 0.75) }
        #expect(sample(frequency, [3, 2, 1], output: [0]) == 0)
        #expect(sample(frequency, [3, 2, 1], output: [0, 0]) == 1)
        #expect(sample(parameters { ($0.temperature, $0.frequencyPenalty) = (0, -2) }, [3, 2, 1], output: [1]) == 1)
    }

    @Test func stopAndEndTokensAreMaskedBeforeMinTokens() {
        let greedy = parameters { $0.temperature = 0 }
        func token(_ position: Int) -> Int32 {
            sample(greedy, at: position) { ($0.endTokens, $0.stopTokens, $0.minTokens) = ([1], [3, 900], 2) }
        }
        #expect([token(0), token(1), token(2)] == [0, 0, 1])
    }

    @Test func theDrawDependsOnSeedChoiceAndPositionOnly() {
        func draws(seed: UInt64, choice: Int) -> [Int32] {
            let seeded = parameters { $0.seed = seed }
            return (0..<64).map { sample(seeded, at: $0, choice: choice) }
        }
        #expect(draws(seed: 5, choice: 0) == draws(seed: 5, choice: 0))
        #expect(draws(seed: 5, choice: 0) != draws(seed: 6, choice: 0))
        #expect(draws(seed: 5, choice: 0) != draws(seed: 5, choice: 1))
        #expect(draws(seed: 5 << 32, choice: 0) != draws(seed: 5, choice: 0))
        #expect(Set(draws(seed: 5, choice: 0)).count > 1)
    }
}
