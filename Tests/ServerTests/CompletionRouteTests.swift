import Generation
import OpenAIProtocol
import OrderedJSON
import RequestParameters
import Server
import Synchronization
import Testing

@Suite struct CompletionRouteTests {
    /// Continues each prompt by its first byte, once per choice, numbered.
    private static let backend = ScriptedBackend { prepared in
        let request = prepared.request
        let scores = request.logProbabilities != nil
        var events: [GenerationEvent] = [.started(cachedTokens: 1)]
        events += promptReports(prepared)
        if request.returnContextLogits { events.append(.contextLogits([[1, 2], [3, 4]])) }
        let name = prepared.promptText?.first ?? "?"
        for choice in 0..<request.n {
            events.append(.text("\(name)", choice: choice, count: 1, scores: scores))
            let finish = GenerationFinish(.length)
            events.append(.text("\(choice)", choice: choice, count: 2, finish: finish, scores: scores))
        }
        let usage = TokenUsage(promptTokens: prepared.promptTokens.count, completionTokens: 2 * request.n)
        return events + [.usage(usage)]
    }

    private static func promptReports(_ prepared: PreparedGeneration) -> [GenerationEvent] {
        guard prepared.request.promptLogProbabilities != nil else { return [] }
        let reports = prepared.promptTokens.dropFirst().map { token in
            TokenReport(chosen: TokenScore(id: token, bytes: [UInt8(token)], logProbability: -2), top: [])
        }
        return [.promptReports([nil] + reports)]
    }

    private static func post(_ fields: String) async throws -> Connection.Answer {
        try await TestServer.run(backend) { server in
            try await server.post("/v1/completions", #"{"model":"m","# + fields + "}")
        }
    }

    private static func chunks(_ answer: Connection.Answer) -> [JSONValue] {
        answer.body.split(separator: "\n").filter { $0.hasPrefix("data: {") }.compactMap {
            try? JSONParser.parse(String($0.dropFirst(6)))
        }
    }

    @Test func oneTokenOfBOSAndTheTextAreCounted() async throws {
        let answer = try await Self.post(#""prompt":"ab""#)
        #expect(answer.json["usage"]?["prompt_tokens"] == 3)
        #expect(try await Self.post(#""prompt":"ab","add_special_tokens":false"#).json["usage"]?["prompt_tokens"] == 2)
        #expect(answer.json["choices"]?.arrayValue?[0]["text"] == "a0")
        #expect(answer.json["id"]?.stringValue?.wholeMatch(of: /cmpl-[0-9a-f]{32}/) != nil)
    }

    @Test func choicesOfSeveralPromptsAreIndexedPromptByPrompt() async throws {
        let answer = try await Self.post(#""prompt":["ab","xy"],"n":2"#)
        let choices = try #require(answer.json["choices"]?.arrayValue)
        #expect(choices.map { $0["index"] } == [0, 1, 2, 3])
        #expect(choices.map { $0["text"] } == ["a0", "a1", "x0", "x1"])
        #expect(
            answer.json["usage"] == [
                "prompt_tokens": 6, "total_tokens": 14, "completion_tokens": 8,
                "prompt_tokens_details": ["cached_tokens": 2],
            ]
        )
    }

    @Test func promptsOfARequestShareWhatWasCompiledAndTakeTurnsAsOne() async throws {
        let seen = Mutex<[GenerationRequest]>([])
        let backend = ScriptedBackend { prepared in
            seen.withLock { $0.append(prepared.request) }
            return [.end(.stop), .usage(TokenUsage(promptTokens: 1))]
        }
        try await TestServer.run(backend) { server in
            for _ in 0..<2 {
                let body = #"{"model":"m","prompt":["a","b","c"],"stop":["x","y"],"logit_bias":{"5":1}}"#
                let answer = try await server.post("/v1/completions", body)
                #expect(answer.status == 200)
            }
        }
        let requests = seen.withLock { $0 }
        try #require(requests.count == 6)
        for request in requests[1..<3] {
            #expect(request.stop.automaton.isSameStorage(as: requests[0].stop.automaton))
            #expect(request.stop.texts == ["x", "y"] && request.sampling.logitBias == [5: 1])
            #expect(request.group != nil && request.group == requests[0].group)
        }
        #expect(requests[3].group != requests[0].group)
    }

    @Test func aStreamOfSeveralPromptsHasOneUsageAndOneEnd() async throws {
        let answer = try await Self.post(
            #""prompt":["ab","xy"],"n":2,"stream":true,"stream_options":{"include_usage":true}"#
        )
        let chunks = Self.chunks(answer)
        var texts: [Int: String] = [:]
        for case .some(let choice) in chunks.map({ $0["choices"]?.arrayValue?.first }) {
            texts[try #require(choice["index"]?.integerValue), default: ""] += choice["text"]?.stringValue ?? ""
        }
        #expect(texts == [0: "a0", 1: "a1", 2: "x0", 3: "x1"])
        #expect(chunks.filter { $0["usage"]?.isNull == false }.count == 1)
        #expect(chunks.last?["choices"] == [] && chunks.last?["usage"]?["total_tokens"] == 14)
        #expect(Set(chunks.map { $0["id"] }).count == 1)
        #expect(answer.body.hasSuffix("\n\ndata: [DONE]\n\n"))
        #expect(answer.body.matches(of: /\[DONE\]/).count == 1)
    }

    @Test func aStreamIsExactToTheByte() async throws {
        let body = try await Self.post(#""prompt":"ab","stream":true"#).body
        let id = try #require(body.firstMatch(of: /"id":"(cmpl-[0-9a-f]{32})"/)).1
        let created = try #require(body.firstMatch(of: /"created":([0-9]+)/)).1
        let head =
            #"data: {"id":"\#(id)","object":"text_completion","created":\#(created),"model":"m","system_fingerprint":"fp_test","choices":["#
        let none = #""token_ids":null,"logprobs":null,"#
        #expect(
            body == head + #"{"index":0,"text":"a",\#(none)"finish_reason":null,"stop_reason":null}],"usage":null}"#
                + "\n\n" + head
                + #"{"index":0,"text":"0",\#(none)"finish_reason":"length","stop_reason":null}],"usage":null}"#
                + "\n\ndata: [DONE]\n\n"
        )
    }

    @Test func allPromptsOfARequestShareOneSeed() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let answer = server.post("/v1/completions", #"{"model":"m","prompt":["a","b"],"seed":7}"#)
            for _ in 0..<2 {
                let submission = try #require(await backend.nextSubmission())
                #expect(submission.prepared.seed == 7)
                submission.send(.end(.stop))
                submission.finish()
            }
            #expect(try await answer.fields["x-seed"] == "7")
        }
    }

    @Test func theEchoedPromptComesFirstWithItsScores() async throws {
        for stream in ["", #","stream":true"#] {
            let answer = try await Self.post(#""prompt":"ab","echo":true,"logprobs":1"# + stream)
            let choices =
                stream.isEmpty
                ? answer.json["choices"]?.arrayValue ?? []
                : Self.chunks(answer).compactMap { $0["choices"]?.arrayValue?.first }
            func joined(_ key: String) -> [JSONValue] {
                choices.flatMap { $0["logprobs"]?[key]?.arrayValue ?? [] }
            }
            #expect(choices.compactMap { $0["text"]?.stringValue }.joined() == "aba0")
            #expect(joined("tokens") == ["<s>", "a", "b", "a", "0"])
            #expect(joined("text_offset") == [0, 3, 4, 5, 6])
            #expect(joined("token_logprobs") == [.null, -2.0, -2.0, -0.5, -0.5])
            #expect(joined("top_logprobs") == [.null, ["a": -2.0], ["b": -2.0], ["a": -0.5], ["0": -0.5]])
        }
        #expect(try await Self.post(#""prompt":[97,98],"echo":true"#).json["choices"]?.arrayValue?[0]["text"] == "ab?0")
    }

    @Test func withoutDetokenizingThereAreIDs() async throws {
        let choice = try await Self.post(#""prompt":"ab","detokenize":false"#).json["choices"]?.arrayValue?[0]
        #expect(choice?["text"] == "")
        #expect(choice?["token_ids"] == [97, 48])
        let chunks = Self.chunks(try await Self.post(#""prompt":"ab","detokenize":false,"stream":true"#))
        #expect(chunks.map { $0["choices"]?.arrayValue?[0]["token_ids"] } == [[97], [48]])
    }

    @Test func contextLogitsAreReported() async throws {
        let choices = try await Self.post(#""prompt":"ab","return_context_logits":true,"n":2"#).json["choices"]?
            .arrayValue
        #expect(choices?.map { $0["context_logits"] } == [[[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]])
    }

    @Test func aFullQueueIsA429BeforeTheFirstByte() async throws {
        let full = ScriptedBackend { _ throws(GenerationError) in throw .overloaded("the queue of 2 is full") }
        try await TestServer.run(full) { server in
            for stream in ["false", "true"] {
                let answer = try await server.post(
                    "/v1/completions",
                    #"{"model":"m","prompt":"a","stream":\#(stream)}"#
                )
                #expect(answer.status == 429)
                #expect(answer.fields["retry-after"] == "1")
                #expect(answer.json["message"] == "the queue of 2 is full")
                #expect(answer.json["error"]?["type"] == "RateLimitError")
            }
        }
    }

    @Test(arguments: [
        (#""prompt":"""#, 200), (#""prompt":"","add_special_tokens":false"#, 400), (#""prompt":[1000]"#, 400),
        (#""prompt":[-1]"#, 400), (#""prompt":[[]]"#, 400), (#""prompt":[99999999999]"#, 400),
    ])
    func promptsAreComparedWithTheModel(fields: String, status: Int) async throws {
        let answer = try await Self.post(fields)
        #expect(answer.status == status)
        if status == 400 { #expect(answer.json["param"] == "prompt") }
    }

    @Test func aPromptOverTheLimitNamesTheNumbers() async throws {
        let answer = try await Self.post(#""prompt":"\#(String(repeating: "a", count: 150))""#)
        #expect(answer.status == 400)
        let message = try #require(answer.json["message"]?.stringValue)
        #expect(message.contains("151") && message.contains("100"))
        #expect(answer.json["error"]?["code"] == "context_length_exceeded")
        #expect(answer.json["param"] == "prompt" && answer.json["error"]?["param"] == "prompt")
    }

    @Test func aPromptIsScoredWithoutOutput() async throws {
        let scoring = ScriptedBackend { prepared in
            #expect(prepared.maxTokens == 0)
            return Self.promptReports(prepared) + [
                .end(.length),
                .usage(TokenUsage(promptTokens: prepared.promptTokens.count)),
            ]
        }
        try await TestServer.run(scoring) { server in
            let fields = #"{"model":"m","prompt":"ab","echo":true,"logprobs":0,"max_tokens":0}"#
            let answer = try await server.post("/v1/completions", fields)
            let choice = answer.json["choices"]?.arrayValue?[0]
            #expect(choice?["text"] == "ab" && choice?["finish_reason"] == "length")
            #expect(choice?["logprobs"]?["tokens"] == ["<s>", "a", "b"])
            #expect(choice?["logprobs"]?["top_logprobs"] == [nil, ["a": -2.0], ["b": -2.0]])
            #expect(answer.json["usage"]?["completion_tokens"] == 0)
        }
    }

    @Test func withoutAlternativesEveryTokenHasItself() async throws {
        let answer = try await Self.post(#""prompt":"ab","logprobs":0"#)
        let scores = answer.json["choices"]?.arrayValue?[0]["logprobs"]
        #expect(scores?["top_logprobs"] == [["a": -0.5], ["0": -0.5]])
    }

    @Test func theFirstChunkOfEveryChoiceHasThePromptsReport() async throws {
        let fields = #""prompt":["ab","x"],"n":2,"prompt_logprobs":0,"stream":true"#
        let choices = Self.chunks(try await Self.post(fields)).compactMap { $0["choices"]?.arrayValue?.first }
        for index in 0..<4 {
            let reports = choices.filter { $0["index"] == .integer(index) }.map { $0["prompt_logprobs"] }
            #expect(reports.count == 2 && reports[1] == nil)
            #expect(reports[0]?.arrayValue?.count == (index < 2 ? 3 : 2))
            #expect(reports[0]?.arrayValue?.first == .null)
        }
    }

    @Test(arguments: [
        (#""prompt":"ab","return_context_logits":true"#, "return_context_logits", "3 prompt tokens x 1000 token ids"),
        (#""prompt":["a","a"],"return_context_logits":true"#, "return_context_logits", "16000 bytes"),
        (#""prompt":"","return_context_logits":true,"n":3"#, "return_context_logits", "x 3 choices"),
        (
            #""prompt":[\#(Array(repeating: "5", count: 80).joined(separator: ","))],"echo":true,"logprobs":1"#,
            "logprobs", "80 prompt"
        ),
        (#""prompt":"a","logprobs":-1,"max_tokens":2"#, "logprobs", "2 tokens (max_tokens) with 1000 alternatives"),
        (#""prompt":"a","logprobs":-1,"max_tokens":1,"best_of":2"#, "logprobs", "for 2 choices"),
        (#""prompt":"a","prompt_logprobs":-1,"stream":true"#, "prompt_logprobs", "2 prompt tokens with 1000"),
        (#""prompt":"\#(String(repeating: "a", count: 70))","echo":true,"n":128"#, "echo", "70 bytes of prompts"),
    ])
    func whatAnAnswerHoldsOfItsPromptsIsBounded(fields: String, field: String, words: String) async throws {
        let small = ServingConfiguration.test { $0.limits.logitBytes = 8000 }
        try await TestServer.run(Self.backend, small) { server in
            let answer = try await server.post("/v1/completions", #"{"model":"m","# + fields + "}")
            #expect(answer.status == 400 && answer.json["param"] == .string(field))
            let message = answer.json["message"]?.stringValue ?? ""
            #expect(message.contains(words) && message.contains("at most 8000"), "\(message)")
            let fitting = try await server.post(
                "/v1/completions",
                #"{"model":"m","prompt":"","n":2,"return_context_logits":true}"#
            )
            #expect(fitting.status == 200)
        }
    }
}
