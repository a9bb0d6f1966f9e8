import Engine
import RequestParameters
import Synchronization
import Testing

/// What is refused before it is queued, with what error.
@Suite struct RequestValidationTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        var name: String
        var error: EngineError
        var change: @Sendable (inout EngineRequest) -> Void
        var testDescription: String { name }
    }

    private static func setting(_ name: String, _ value: String, _ allowed: String) -> EngineError {
        .invalidSetting(name: name, value: value, allowed: allowed)
    }

    static let bad: [Bad] = [
        Bad(name: "no prompt", error: .emptyPrompt) { $0.promptTokens = [] },
        Bad(name: "token too great", error: .tokenOutOfRange(token: 50, vocabularySize: 50)) {
            $0.promptTokens = [1, 50]
        },
        Bad(name: "token negative", error: .tokenOutOfRange(token: -1, vocabularySize: 50)) { $0.promptTokens = [-1] },
        Bad(name: "bias of no token", error: .tokenOutOfRange(token: 99, vocabularySize: 50)) {
            $0.sampling.logitBias = [99: 1]
        },
        Bad(name: "too long", error: .sequenceTooLong(promptTokens: 30, maxTokens: 3, limit: 32)) {
            ($0.promptTokens, $0.maxTokens) = ([Int32](repeating: 1, count: 30), 3)
        },
        Bad(name: "overflow", error: .sequenceTooLong(promptTokens: 1, maxTokens: .max, limit: 32)) {
            $0.maxTokens = .max
        },
        Bad(name: "unchunkable", error: .promptExceedsIteration(promptTokens: 17, limit: 16)) {
            $0.promptTokens = [Int32](repeating: 1, count: 17)
        },
        Bad(name: "too many choices", error: .tooManyChoices(count: 9, limit: 8)) { $0.choiceCount = 9 },
        Bad(name: "a negative number of tokens", error: setting("max_tokens", "-1", "at least 0")) {
            $0.maxTokens = -1
        },
        Bad(name: "no choices", error: setting("n", "0", "at least 1")) { $0.choiceCount = 0 },
        Bad(name: "cold", error: setting("temperature", "-0.5", "at least 0")) { $0.sampling.temperature = -0.5 },
        Bad(name: "NaN", error: setting("temperature", "nan", "at least 0")) { $0.sampling.temperature = .nan },
        Bad(name: "top k", error: setting("top_k", "-1", "at least 0")) { $0.sampling.topK = -1 },
        Bad(name: "top p", error: setting("top_p", "0.0", "in (0, 1]")) { $0.sampling.topP = 0 },
        Bad(name: "top p min", error: setting("top_p_min", "2.0", "in [0, 1]")) { $0.sampling.topPMin = 2 },
        Bad(name: "min p", error: setting("min_p", "1.5", "in [0, 1]")) { $0.sampling.minP = 1.5 },
        Bad(name: "repetition", error: setting("repetition_penalty", "0.0", "greater than 0")) {
            $0.sampling.repetitionPenalty = 0
        },
        Bad(name: "presence", error: setting("presence_penalty", "inf", "a finite number")) {
            $0.sampling.presencePenalty = .infinity
        },
        Bad(name: "min tokens", error: setting("min_tokens", "-1", "at least 0")) { $0.minTokens = -1 },
        Bad(name: "logprobs", error: setting("logprobs", "51", "in [0, 50]")) { $0.logProbabilities = 51 },
        Bad(name: "prompt logprobs", error: setting("prompt_logprobs", "-1", "in [0, 50]")) {
            $0.promptLogProbabilities = -1
        },
    ]

    private static func engine() throws -> EngineLoop {
        let configuration = EngineConfiguration(
            maxSequenceLength: 32,
            blockCount: 8,
            maxBatchSize: 8,
            maxNumTokens: 16,
            tokensPerBlock: 4,
            enableChunkedPrefill: false,
        )
        return try EngineLoop(model: ScriptedModel(), configuration: configuration)
    }

    @Test(arguments: bad) func isRefusedAtOnceNamingTheValue(_ bad: Bad) async throws {
        let engine = try Self.engine()
        var request = EngineRequest(promptTokens: [1], maxTokens: 4)
        bad.change(&request)
        #expect(throws: bad.error) { try engine.submit(request) }
        #expect(engine.activity.totals.submittedRequests == 0)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func theLargestRequestThatFitsIsTaken() async throws {
        let engine = try Self.engine()
        var request = EngineRequest(promptTokens: [Int32](repeating: 1, count: 16), maxTokens: 16)
        request.choiceCount = 8
        var tokens = 0
        for try await event in try engine.submit(request) {
            if case .token = event { tokens += 1 }
        }
        #expect(tokens == 8 * 16)
        await engine.shutdown()
    }

    @Test func aCacheThatCannotHoldOneSequenceIsAnErrorAtTheStart() {
        #expect(throws: EngineError.kvCacheTooSmall(neededBytes: 288, availableBytes: 256, maxSequenceLength: 33)) {
            let configuration = EngineConfiguration(maxSequenceLength: 33, blockCount: 8, tokensPerBlock: 4)
            _ = try EngineLoop(model: ScriptedModel(), configuration: configuration)
        }
    }

    @Test func settingsOutOfRangeAreErrorsAtTheStart() {
        let changes: [(String, @Sendable (inout EngineConfiguration) -> Void)] = [
            ("max_batch_size", { $0.maxBatchSize = 0 }),
            ("max_num_tokens", { $0.maxNumTokens = 0 }),
            ("tokens_per_block", { $0.tokensPerBlock = 0 }),
            ("max_queued_requests", { $0.maxQueuedRequests = 0 }),
        ]
        for (name, change) in changes {
            var configuration = EngineConfiguration(maxSequenceLength: 32, blockCount: 8)
            change(&configuration)
            #expect(throws: EngineError.invalidSetting(name: name, value: "0", allowed: "at least 1")) {
                _ = try EngineLoop(model: ScriptedModel(), configuration: configuration)
            }
        }
    }

    @Test func sequencesEndWhereTheModelsLearnedPositionsDo() throws {
        let model = ScriptedModel(positionCount: 31)
        let allowed = "at most 31: the model has learned no later positions"
        #expect(throws: EngineError.invalidSetting(name: "max_seq_len", value: "32", allowed: allowed)) {
            _ = try EngineLoop(
                model: model,
                configuration: EngineConfiguration(maxSequenceLength: 32, blockCount: 8),
            )
        }
        _ = try EngineLoop(model: model, configuration: EngineConfiguration(maxSequenceLength: 31, blockCount: 8))
    }

    @Test func hugeSettingsAndGoalsThatAreNoTimesAreErrorsNotTraps() {
        let huge = EngineConfiguration(maxSequenceLength: .max, blockCount: 8, tokensPerBlock: 4)
        let all = EngineError.kvCacheTooSmall(neededBytes: .max, availableBytes: 256, maxSequenceLength: .max)
        #expect(throws: all) { _ = try EngineLoop(model: ScriptedModel(), configuration: huge) }
        let changes: [(String, String, String, @Sendable (inout EngineConfiguration) -> Void)] = [
            ("tokens_per_block", "\(Int.max)", "at most 2^20", { $0.tokensPerBlock = .max }),
            ("the time of an iteration", "0.0", "a positive number of seconds", { $0.iterationSeconds = 0 }),
            (
                "the time of an iteration beside decoding", "nan", "a positive number of seconds",
                { $0.iterationSecondsBesideDecoding = .nan }
            ),
        ]
        for (name, value, allowed, change) in changes {
            var configuration = EngineConfiguration(maxSequenceLength: 32, blockCount: 8)
            change(&configuration)
            #expect(throws: EngineError.invalidSetting(name: name, value: value, allowed: allowed)) {
                _ = try EngineLoop(model: ScriptedModel(), configuration: configuration)
            }
        }
    }

    @Test func anEngineWhoseMemoryCannotBeHadDoesNotStart() {
        let model = ScriptedModel()
        model.failsToReserve.store(true, ordering: .relaxed)
        #expect(throws: EngineError.failed("no memory left")) {
            _ = try EngineLoop(model: model, configuration: EngineConfiguration(maxSequenceLength: 32, blockCount: 8))
        }
    }
}
