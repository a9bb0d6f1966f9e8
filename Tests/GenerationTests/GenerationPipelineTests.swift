import ChatTemplates
import Checkpoints
import Engine
import Generation
import OrderedJSON
import RequestParameters
import Testing
import Tokenization

private let one = TinyTokenizer.word("one")
private let two = TinyTokenizer.word("\u{2581}two")
private let x = TinyTokenizer.word("x")

/// A pipeline over a real engine and a scripted model.
private struct Bench {
    let engine: EngineLoop
    let model: ScriptedModel
    let pipeline: GenerationPipeline
    let tokenizer: Tokenizer

    init(
        _ script: [TokenID],
        queue: Int = 64,
        maxSequenceLength: Int = 128,
        passes: Int = .max,
        textThreads: Int? = nil,
        isEncoder: Bool = false,
    ) throws {
        var textLimits = TextLimits()
        textLimits.workerThreads = textThreads
        tokenizer = try TinyTokenizer.make()
        model = ScriptedModel(
            script,
            promptLength: 2,
            vocabularySize: tokenizer.vocabularySize,
            passes: passes,
            isCausal: !isEncoder
        )
        engine = try EngineLoop(
            model: model,
            configuration: EngineConfiguration(
                maxSequenceLength: maxSequenceLength,
                blockCount: 64,
                maxBatchSize: 8,
                tokensPerBlock: 8,
                maxQueuedRequests: queue
            ),
        )
        pipeline = GenerationPipeline(
            engine: engine,
            tokenizer: tokenizer,
            chatTemplate: try ChatTemplate(source: "{{ messages[0].content }}"),
            maxSequenceLength: maxSequenceLength,
            vocabularySize: tokenizer.vocabularySize,
            textLimits: textLimits,
        )
    }

    /// All events of a request for the prompt "one" (with BOS two tokens), greedy.
    func run(_ change: (inout GenerationRequest) -> Void = { _ in }) async throws -> [GenerationEvent] {
        let stream = try await submit(change)
        var events: [GenerationEvent] = []
        for try await event in stream { events.append(event) }
        return events
    }

    func submit(_ change: (inout GenerationRequest) -> Void = { _ in }) async throws -> GenerationStream {
        var request = GenerationRequest(prompt: .text("one"))
        request.sampling.temperature = 0
        change(&request)
        return try pipeline.submit(try await pipeline.prepare(request))
    }

    /// Waits until the engine has counted so many cancelled requests.
    func waitForCancelled(_ count: Int) async {
        while engine.activity.totals.cancelledRequests < count { try? await Task.sleep(for: .milliseconds(1)) }
    }
}

@Suite struct GenerationPipelineTests {
    @Test(arguments: [false, true]) func embeddingsAreMeansOfHiddenStates(isEncoder: Bool) async throws {
        let bench = try Bench([], isEncoder: isEncoder)
        let tokens = bench.tokenizer.encode("one two", addSpecialTokens: true, parseSpecialTokens: false)
        let prompt = GenerationRequest(prompt: .text("one two"))
        let last = try await bench.pipeline.embed(prompt, pooling: .last)
        #expect(last.promptTokens == 3 && last.vector == [Float(two), 2])
        let first = try await bench.pipeline.embed(prompt, pooling: .cls)
        #expect(first.vector == [Float(tokens[0]), 0])
        let mean = try await bench.pipeline.embed(prompt, pooling: .mean)
        #expect(mean.vector == [tokens.map(Float.init).reduce(0, +) / 3, 1])
    }

    @Test func aPromptThatIsTooLongToBeEmbeddedIsRefused() async throws {
        let bench = try Bench([], maxSequenceLength: 4, isEncoder: true)
        let prompt = GenerationRequest(prompt: .tokens([one, one, one, one]))
        #expect(try await bench.pipeline.embed(prompt, pooling: .mean).promptTokens == 4)
        await #expect {
            try await bench.pipeline.embed(
                GenerationRequest(prompt: .tokens([one, one, one, one, one])),
                pooling: .mean
            )
        } throws: {
            guard case GenerationError.promptTooLong(5, 4) = $0 else { return false }
            return true
        }
    }

    @Test func anEncoderMakesNoTextAndSaysSo() async throws {
        let bench = try Bench([], isEncoder: true)
        for prompt in [GenerationPrompt.text("one"), .tokens([one])] {
            await #expect {
                try await bench.pipeline.prepare(GenerationRequest(prompt: prompt))
            } throws: {
                guard case GenerationError.cannotGenerate = $0 else { return false }
                return "\($0)".hasPrefix("this model makes embeddings only")
            }
        }
    }

    @Test func textGoesInAndTextComesOut() async throws {
        let bench = try Bench([two, x, TinyTokenizer.eos])
        let events = try await bench.run()
        let outcome = Outcome(events)
        #expect(outcome.text == " twox")
        #expect(outcome.finish == .stop)
        #expect(outcome.cause == nil)
        guard case .started? = events.first, case .usage(let usage)? = events.last else {
            Issue.record(
                "begins with \(String(describing: events.first)), ends with \(String(describing: events.last))"
            )
            return
        }
        #expect(usage.promptTokens == 2)
        #expect(usage.completionTokens == 3)
        await bench.engine.shutdown()
    }

    @Test func limitCutsToWhatFits() async throws {
        let bench = try Bench([x], maxSequenceLength: 16)
        var request = GenerationRequest(prompt: .text("one"))
        #expect(try await bench.pipeline.prepare(request).maxTokens == 14)
        request.maxTokens = 5
        #expect(try await bench.pipeline.prepare(request).maxTokens == 5)
        request.maxTokens = 500
        #expect(try await bench.pipeline.prepare(request).maxTokens == 14)
        let outcome = Outcome(try await bench.run())
        #expect(outcome.completionTokens == 14)
        #expect(outcome.finish == .length)
        await bench.engine.shutdown()
    }

    @Test func promptThatLeavesNoRoomIsRefusedWithItsNumbers() async throws {
        let bench = try Bench([x], maxSequenceLength: 16)
        let request = GenerationRequest(prompt: .tokens(Array(repeating: x, count: 16)))
        await #expect {
            try await bench.pipeline.prepare(request)
        } throws: { error in
            isTooLong(error, tokens: 16, limit: 16)
        }
        await #expect {
            try await bench.pipeline.prepare(GenerationRequest(prompt: .tokens([])))
        } throws: {
            guard case GenerationError.emptyPrompt = $0 else { return false }
            return true
        }
        await bench.engine.shutdown()
    }

    @Test func idsBeyondTheVocabularyAreRefusedByFieldName() async throws {
        let bench = try Bench([x])
        let size = TokenID(bench.tokenizer.vocabularySize)
        var request = GenerationRequest(prompt: .text("one"))
        request.stopTokenIDs = [size]
        await #expect {
            try await bench.pipeline.prepare(request)
        } throws: { "\($0)".hasPrefix("stop_token_ids") }
        request.stopTokenIDs = []
        request.sampling.logitBias = [-1: 1]
        await #expect {
            try await bench.pipeline.prepare(request)
        } throws: { "\($0)".hasPrefix("logit_bias") }
        await #expect(throws: GenerationError.self) {
            try await bench.pipeline.detokenize([size], skipSpecialTokens: false)
        }
        await bench.engine.shutdown()
    }

    @Test func stopStringCancelsTheRequestInTheEngine() async throws {
        let bench = try Bench([two, x, one, x], passes: 3)
        let outcome = Outcome(
            try await bench.run {
                $0.stop = ["xone"]
                $0.maxTokens = 100
            }
        )
        #expect(outcome.text == " two")
        #expect(outcome.cause == .string("xone"))
        #expect(outcome.completionTokens == 1)
        bench.model.door.open()
        await bench.waitForCancelled(1)
        #expect(bench.engine.activity.totals.cancelledRequests == 1)
        await bench.engine.shutdown()
    }

    @Test func streamDroppedUnreadCancelsTheRequest() async throws {
        let bench = try Bench([x])
        bench.model.door.close()
        _ = try await bench.submit()
        bench.model.door.open()
        await bench.waitForCancelled(1)
        await bench.engine.shutdown()
    }

    @Test func readingTaskCancelledEndsTheRequest() async throws {
        let bench = try Bench([x], passes: 5)
        let stream = try await bench.submit()
        let reader = Task {
            var outcome: [GenerationEvent] = []
            for try await event in stream {
                outcome.append(event)
                if outcome.count == 2 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return Outcome(outcome)
        }
        #expect(try await reader.value.finish == .cancelled)
        bench.model.door.open()
        await bench.waitForCancelled(1)
        await bench.engine.shutdown()
    }

    @Test func severalChoicesShareThePrompt() async throws {
        let bench = try Bench([two, x, TinyTokenizer.eos])
        let events = try await bench.run {
            $0.n = 3
            $0.bestOf = 3
        }
        for choice in 0..<3 { #expect(Outcome(events, choice: choice).text == " twox") }
        guard case .usage(let usage)? = events.last else {
            Issue.record("no usage")
            return
        }
        #expect(usage.promptTokens == 2 && usage.completionTokens == 9)
        let record = try #require(usage.record)
        #expect(record.firstIteration == 1 && record.lastIteration == 3 && record.finished != nil)
        await bench.engine.shutdown()
    }

    @Test func bestOfNeedsNoReportsFromTheClient() async throws {
        let bench = try Bench([two, TinyTokenizer.eos])
        let events = try await bench.run { $0.bestOf = 2 }
        #expect(Outcome(events).text == " two")
        #expect(Outcome(events).reports.isEmpty)
        await bench.engine.shutdown()
    }

    @Test func logProbabilitiesComeWithTheirTokens() async throws {
        let bench = try Bench([two, x, TinyTokenizer.eos])
        let outcome = Outcome(
            try await bench.run {
                $0.logProbabilities = 2
                $0.stop = ["twoy"]
            }
        )
        #expect(outcome.reports.map(\.chosen.id) == [two, x])
        #expect(outcome.reports.allSatisfy { $0.top.count == 2 && $0.top[0].id == $0.chosen.id })
        await bench.engine.shutdown()
    }

    @Test func tooManyChoicesAreRefusedBeforeAnythingIsProduced() async throws {
        let bench = try Bench([x])
        await #expect {
            _ = try await bench.submit {
                $0.n = 1_000_000
                $0.bestOf = 1_000_000
            }
        } throws: { "\($0)".contains("max_batch_size (8)") }
        await bench.engine.shutdown()
    }

    @Test func fullQueueIsOverloadAndAStoppedEngineShutsDown() async throws {
        let bench = try Bench([x], queue: 1)
        bench.model.door.close()
        var streams: [GenerationStream] = []
        var refusal: GenerationError?
        while refusal == nil {
            do {
                streams.append(try await bench.submit())
            } catch let error as GenerationError {
                refusal = error
            }
        }
        guard case .overloaded? = refusal else {
            Issue.record("refused with \(String(describing: refusal))")
            return
        }
        bench.model.door.open()
        streams = []
        await bench.engine.shutdown()
        await #expect {
            _ = try await bench.submit()
        } throws: {
            guard case GenerationError.shuttingDown = $0 else { return false }
            return true
        }
    }

    @Test func textThatCanNotFitIsRefusedBeforeItIsTokenized() async throws {
        let bench = try Bench([x], maxSequenceLength: 128)
        let longest = try #require(bench.tokenizer.longestTokenBytes)
        let text = String(repeating: "x", count: 12 << 20)
        await #expect {
            try await bench.pipeline.prepare(GenerationRequest(prompt: .text(text)))
        } throws: {
            isTooLong($0, tokens: (text.utf8.count + longest - 1) / longest, limit: 128)
        }
        var chat = ChatPrompt(messages: [["role": "user", "content": .string(text)]])
        chat.template = "{{ raise_exception('was rendered') }}"
        await #expect {
            try await bench.pipeline.prepare(GenerationRequest(prompt: .chat(chat)))
        } throws: { "\($0)".contains("maximum context length is 128 tokens") }
        await #expect {
            try await bench.pipeline.prepare(GenerationRequest(prompt: .tokens(Array(repeating: 1, count: 1 << 20))))
        } throws: {
            isTooLong($0, tokens: 1 << 20, limit: 128)
        }
        await bench.engine.shutdown()
    }

    @Test func tokenizingHasALimitOfItsOwn() async throws {
        let bench = try Bench([x], maxSequenceLength: 16)
        let text = String(repeating: "one", count: 1000)
        let chat = ChatPrompt(messages: [["role": "user", "content": .string(text)]])
        for prompt in [GenerationPrompt.text(text), .chat(chat)] {
            let tokens = try await bench.pipeline.tokenize(prompt, addSpecialTokens: false, parseSpecialTokens: true)
            #expect(tokens == Array(repeating: one, count: 1000))
        }
        let huge = String(repeating: "x", count: (4 << 20) + 1)
        await #expect {
            try await bench.pipeline.tokenize(.text(huge), addSpecialTokens: nil, parseSpecialTokens: true)
        } throws: { "\($0)".contains("4194305 bytes of text, but must be at most 4194304 bytes") }
        var cut = GenerationRequest(prompt: .text(huge))
        cut.truncatePromptTokens = 4
        await #expect {
            try await bench.pipeline.prepare(cut)
        } throws: { "\($0)".contains("4194305 bytes of text, but must be at most 4194304 bytes") }
        await bench.engine.shutdown()
    }

    @Test func promptsOfClientsThatLeftKeepNobodyWaiting() async throws {
        let bench = try Bench([x], textThreads: 1)
        var long = GenerationRequest(prompt: .text(String(repeating: "x", count: 4 << 20)))
        long.truncatePromptTokens = 4
        let left = (0..<8).map { _ in Task { [long] in try await bench.pipeline.prepare(long) } }
        let beside = try await bench.pipeline.prepare(GenerationRequest(prompt: .text("one")))
        #expect(beside.promptTokens == [TinyTokenizer.bos, one])
        for task in left { task.cancel() }
        var another = GenerationRequest(prompt: .text(String(repeating: "one", count: 10_000)))
        another.truncatePromptTokens = 4
        #expect(try await bench.pipeline.prepare(another).promptTokens == [one, one, one, one])
        for task in left {
            await #expect {
                try await task.value
            } throws: {
                guard case GenerationError.cancelled = $0 else { return false }
                return true
            }
        }
        await bench.engine.shutdown()
    }

    @Test func promptAloneMayFillTheSequenceWhenNothingIsGenerated() async throws {
        let bench = try Bench([x], maxSequenceLength: 16)
        var request = GenerationRequest(prompt: .tokens(Array(repeating: x, count: 16)))
        request.maxTokens = 0
        #expect(try await bench.pipeline.prepare(request).maxTokens == 0)
        await bench.engine.shutdown()
    }

    @Test func seedIsDrawnWhenNoneIsGiven() async throws {
        let bench = try Bench([x])
        var request = GenerationRequest(prompt: .text("one"))
        let drawn = try await (0..<20).asyncMap { _ in try await bench.pipeline.prepare(request).seed }
        #expect(Set(drawn).count > 1)
        #expect(drawn.allSatisfy { $0 < 1 << 53 })
        request.sampling.seed = 42
        #expect(try await bench.pipeline.prepare(request).seed == 42)
        await bench.engine.shutdown()
    }

    @Test func tokenizingAndRenderingAreTheOnesOfRequests() async throws {
        let bench = try Bench([x])
        let text = "one</s>" + String(repeating: "x", count: 20_000)
        let pipeline = bench.pipeline
        let plain = try await pipeline.tokenize(.text(text), addSpecialTokens: false, parseSpecialTokens: false)
        #expect(try await pipeline.detokenize(plain, skipSpecialTokens: false) == text)
        #expect(!plain.contains(TinyTokenizer.eos))
        let parsed = try await pipeline.tokenize(.text(text), addSpecialTokens: nil, parseSpecialTokens: true)
        #expect(parsed.prefix(3) == [TinyTokenizer.bos, one, TinyTokenizer.eos])
        let chat = ChatPrompt(messages: [["role": "user", "content": "one</s>"]])
        #expect(try await pipeline.render(chat) == "one</s>")
        #expect(
            try await bench.pipeline.prepare(GenerationRequest(prompt: .chat(chat))).promptTokens.contains(
                TinyTokenizer.eos
            ) == false
        )
        await bench.engine.shutdown()
    }
}

extension Sequence {
    /// The results of an asynchronous function, one after the other.
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
