import Generation
import OpenAIProtocol
import OrderedJSON
import Server
import Testing

@Suite struct ChatRouteTests {
    private static let good = #"{"model":"m","messages":[{"role":"user","content":"Hi"}]"#

    /// Two choices whose pieces come mixed; the second ends by a stop string.
    private static let script: [GenerationEvent] = [
        .started(cachedTokens: 3), .text("Hel", count: 1),
        .text("A", choice: 1, count: 1, finish: .init(.stop, cause: .string("two"))),
        .text("lo", count: 2, finish: .init(.length)), .usage(TokenUsage(promptTokens: 8, completionTokens: 3)),
    ]

    private static let oneChoice: [GenerationEvent] = [
        .started(cachedTokens: 0), .text("Hel", count: 1, scores: true),
        .text("lo", count: 2, finish: .init(.length), scores: true),
        .usage(TokenUsage(promptTokens: 8, completionTokens: 2)),
    ]

    private static func post(_ fields: String, _ events: [GenerationEvent] = oneChoice) async throws
        -> Connection.Answer
    {
        try await TestServer.run(ScriptedBackend { _ in events }) { server in
            try await server.post("/v1/chat/completions", good + fields + "}")
        }
    }

    /// The events of a stream, with its id and time made plain.
    private static func events(_ answer: Connection.Answer) throws -> String {
        let id = try #require(answer.body.firstMatch(of: /"id":"(chatcmpl-[0-9a-f]{32})"/)).1
        let created = try #require(answer.body.firstMatch(of: /"created":([0-9]+)/)).1
        return answer.body.replacing(id, with: "ID").replacing("\"created\":\(created)", with: "\"created\":1")
            .replacing("\"system_fingerprint\":\"fp_test\",", with: "")
    }

    private static let head = #"data: {"id":"ID","object":"chat.completion.chunk","created":1,"model":"m","choices":["#

    @Test func anAnswerIsCollected() async throws {
        let answer = try await Self.post(#","n":2"#, Self.script)
        #expect(answer.status == 200)
        #expect(answer.fields["x-seed"] == "4242")
        let choices = try #require(answer.json["choices"]?.arrayValue)
        #expect(choices.map { $0["message"]?["content"] } == ["Hello", "A"])
        #expect(choices.map { $0["finish_reason"] } == ["length", "stop"])
        #expect(choices.map { $0["stop_reason"] } == [.null, "two"])
        #expect(
            answer.json["usage"] == [
                "prompt_tokens": 8, "total_tokens": 11, "completion_tokens": 3,
                "prompt_tokens_details": ["cached_tokens": 3],
            ]
        )
        #expect(answer.json["model"] == "m" && answer.json["seed"] == 4242)
    }

    private static let report =
        #""prompt_logprobs":[null,{"7":{"logprob":-2.0,"rank":null,"decoded_token":"a"}}]"#

    @Test func thePromptsReportIsInTheBodyOrInTheFirstChunk() async throws {
        let score = TokenScore(id: 7, bytes: Array("a".utf8), logProbability: -2)
        let reports = GenerationEvent.promptReports([nil, TokenReport(chosen: score, top: [])])
        let events = [Self.script[0], reports] + Self.script.dropFirst()
        let whole = try await Self.post(#","n":2,"prompt_logprobs":0"#, events)
        #expect(whole.body.contains(Self.report))
        let stream = try await Self.post(#","n":2,"prompt_logprobs":0,"stream":true"#, events)
        let chunks = stream.body.split(separator: "\n\n").map { $0.contains(Self.report) }
        #expect(chunks.first == true && !chunks.dropFirst().contains(true))
        #expect(try await !Self.post(#","n":2"#, events).body.contains("prompt_logprobs"))
    }

    @Test func scoresOfAllTokensAreBoundedByMaxTokens() async throws {
        let small = ServingConfiguration.test { $0.limits.logitBytes = 500_000 }
        try await TestServer.run(ScriptedBackend { _ in Self.oneChoice }, small) { server in
            for (most, status) in [(9, 400), (5, 200)] {
                let fields = #","logprobs":true,"top_logprobs":-1,"max_tokens":\#(most)}"#
                let answer = try await server.post("/v1/chat/completions", Self.good + fields)
                #expect(answer.status == status)
                guard status == 400 else { continue }
                #expect(answer.json["param"] == "top_logprobs")
                #expect(answer.json["message"]?.stringValue?.contains("9 tokens (max_tokens) with 1000") == true)
            }
        }
    }

    @Test func aStreamIsExactToTheByte() async throws {
        let answer = try await Self.post(#","n":2,"stream":true,"stream_options":{"include_usage":true}"#, Self.script)
        #expect(answer.fields["content-type"] == "text/event-stream; charset=utf-8")
        #expect(answer.fields["x-seed"] == "4242")
        let usage =
            #"{"prompt_tokens":8,"total_tokens":11,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":3}}"#
        let expected = [
            #"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]} "#,
            #"{"index":1,"delta":{"role":"assistant","content":""},"finish_reason":null}]} "#,
            #"{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}"#,
            #"{"index":1,"delta":{"content":"A"},"finish_reason":"stop","stop_reason":"two"}]}"#,
            #"{"index":0,"delta":{"content":"lo"},"finish_reason":"length"}]}"#,
            #"],"usage":"# + usage + "}",
        ]
        let chunks = expected.map { Self.head + $0 + "\n\n" }.joined()
        #expect(try Self.events(answer) == chunks + "data: [DONE]\n\n")
    }

    @Test func usageOnEveryChunkCountsUp() async throws {
        let answer = try await Self.post(
            #","stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true}"#
        )
        let counts = answer.body.matches(of: /"completion_tokens":([0-9]+)/).map { String($0.1) }
        #expect(counts == ["0", "1", "2", "2"])
    }

    @Test func streamedScoresEqualTheCollectedOnes() async throws {
        let streamed = try await Self.post(#","stream":true,"logprobs":true,"top_logprobs":1"#)
        let collected = try await Self.post(#","logprobs":true,"top_logprobs":1"#)
        let entries = streamed.body.split(separator: "\n").filter { $0.hasPrefix("data: {") }.flatMap { line in
            let chunk = try? JSONParser.parse(String(line.dropFirst(6)))
            return chunk?["choices"]?.arrayValue?.first?["logprobs"]?["content"]?.arrayValue ?? []
        }
        #expect(entries.count == 5)
        #expect(collected.json["choices"]?.arrayValue?[0]["logprobs"]?["content"] == .array(entries))
    }

    @Test func theLastMessageIsEchoedFirst() async throws {
        let fields = #","echo":true,"add_generation_prompt":false"#
        #expect(
            try await Self.post(fields).json["choices"]?.arrayValue?[0]["message"] == [
                "role": "user", "content": "HiHello", "reasoning_content": nil,
            ]
        )
        let stream = try Self.events(try await Self.post(fields + #","stream":true"#))
        #expect(
            stream.hasPrefix(
                Self.head + #"{"index":0,"delta":{"role":"user","content":""},"finish_reason":null}]} "# + "\n\n"
                    + Self.head
                    + #"{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]} "# + "\n\n"
            )
        )
    }

    @Test(arguments: [
        (#","chat_template":"none""#, "--allow_request_chat_template", 400), (#","n":0"#, "n is 0", 400),
        (#","prompt_token_ids":[1000]"#, "1000 out of vocabulary range [0, 1000)", 400),
        (#","prompt_token_ids":[]"#, "at least 1 token", 400),
        (#","logit_bias":{"5000":1}"#, "5000", 400), (#","stop_token_ids":[-1]"#, "-1", 400),
    ])
    func whatCanBeRefusedIsRefusedBeforeTheFirstByte(fields: String, words: String, status: Int) async throws {
        for stream in ["", #","stream":true"#] {
            let answer = try await Self.post(fields + stream)
            #expect(answer.status == status)
            #expect(answer.json["message"]?.stringValue?.contains(words) == true)
            #expect(answer.json["error"]?["message"] == answer.json["message"])
        }
    }

    @Test func aChatOverTheContextIsNamedAsClientsLookForIt() async throws {
        let ids = Array(repeating: "5", count: 150).joined(separator: ",")
        let answer = try await Self.post(#","prompt_token_ids":[\#(ids)]"#)
        #expect(answer.status == 400)
        #expect(answer.json["error"]?["code"] == "context_length_exceeded" && answer.json["code"] == 400)
        #expect(answer.json["error"]?["message"]?.stringValue?.contains("context_length_exceeded") == true)
        #expect(answer.json["param"] == "messages" && answer.json["error"]?["param"] == "messages")
    }

    @Test func everyChunkHasAFinishReasonAndTheFingerprint() async throws {
        let body = try await Self.post(#","stream":true"#).body
        let chunks = body.matches(of: /data: (\{.*\})/).compactMap { try? JSONParser.parse(String($0.1)) }
        #expect(chunks.count == 3)
        let choices = chunks.compactMap { $0["choices"]?.arrayValue?[0] }
        #expect(choices.map { $0["finish_reason"] } == [.null, .null, "length"])
        #expect(choices[0]["delta"] == ["role": "assistant", "content": ""])
        #expect(chunks.allSatisfy { $0["system_fingerprint"] == "fp_test" })
        #expect(!body.contains("tool_calls"))
    }

    @Test func promptTokenIDsReplaceTheMessages() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let answer = server.post("/v1/chat/completions", Self.good + #","prompt_token_ids":[5,6]}"#)
            let submission = try #require(await backend.nextSubmission())
            #expect(submission.prepared.promptTokens == [5, 6])
            submission.send(.end(.stop))
            submission.finish()
            #expect(try await answer.json["usage"]?["prompt_tokens"] == 2)
        }
    }
}
