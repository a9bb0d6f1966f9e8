import Generation
import OrderedJSON
import Testing

@Suite struct MessagesRouteTests {
    private static let good = #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]"#

    private static let script: [GenerationEvent] = [
        .started(cachedTokens: 3), .text("Hel", count: 1), .text("lo", count: 2, finish: .init(.length)),
        .usage(TokenUsage(promptTokens: 8, completionTokens: 2)),
    ]

    private static func post(_ fields: String, _ events: [GenerationEvent] = script) async throws
        -> Connection.Answer
    {
        try await TestServer.run(ScriptedBackend { _ in events }) { server in
            try await server.post("/v1/messages", good + fields + "}")
        }
    }

    @Test func anAnswerIsAMessage() async throws {
        let answer = try await Self.post("")
        #expect(answer.status == 200)
        #expect(answer.json["id"]?.stringValue?.hasPrefix("msg_") == true)
        #expect(answer.json["type"] == "message" && answer.json["role"] == "assistant" && answer.json["model"] == "m")
        #expect(answer.json["content"] == [["type": "text", "text": "Hello"]])
        #expect(answer.json["stop_reason"] == "max_tokens" && answer.json["stop_sequence"] == .null)
        #expect(
            answer.json["usage"] == [
                "input_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 3, "output_tokens": 2,
            ]
        )
    }

    @Test func aStreamIsOfTypedEvents() async throws {
        let answer = try await Self.post(#","stream":true"#)
        let id = try #require(answer.body.firstMatch(of: /"id":"(msg_[0-9a-f]{32})"/)).1
        let expected = """
            event: message_start
            data: {"type":"message_start","message":{"id":"ID","type":"message","role":"assistant","model":"m",\
            "content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":5,\
            "cache_creation_input_tokens":0,"cache_read_input_tokens":3,"output_tokens":0}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},\
            "usage":{"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":3,"output_tokens":2}}

            event: message_stop
            data: {"type":"message_stop"}


            """
        #expect(answer.body.replacing(id, with: "ID") == expected)
        #expect(answer.fields["content-type"] == "text/event-stream; charset=utf-8")
    }

    @Test func whatStoppedItIsTold() async throws {
        let events: [GenerationEvent] = [
            .text("x", count: 1, finish: .init(.stop, cause: .string("END")))
        ]
        let byText = try await Self.post(#","stop_sequences":["END"]"#, events)
        #expect(byText.json["stop_reason"] == "stop_sequence" && byText.json["stop_sequence"] == "END")
        let ended = try await Self.post("", [.end(.stop)])
        #expect(ended.json["stop_reason"] == "end_turn" && ended.json["content"] == [])
    }

    @Test func errorsHaveAnthropicsShape() async throws {
        let wrong = try await Self.post(#","nope":1"#)
        #expect(wrong.status == 400)
        #expect(wrong.json["type"] == "error" && wrong.json["error"]?["type"] == "invalid_request_error")
        #expect(wrong.json["error"]?["message"]?.stringValue?.contains("nope") == true)
        let method = try await TestServer.run { try await $0.get("/v1/messages") }
        #expect(method.status == 405 && method.json["type"] == "error")
    }

    @Test func anEngineThatFailsEndsTheStreamWithAnError() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let answer = server.post("/v1/messages", Self.good + #","stream":true}"#)
            let submission = try #require(await backend.nextSubmission())
            submission.send(.text("x", count: 1))
            submission.fail(.engine("broken"))
            let body = try await answer.body
            let end = #"data: {"type":"error","error":{"type":"api_error","message":"the engine failed: broken"}}"#
            #expect(body.hasSuffix("event: error\n" + end + "\n\n"))
        }
    }

    @Test func tokensAreCountedWithoutAnAnswer() async throws {
        let answer = try await TestServer.run { server in
            try await server.post(
                "/v1/messages/count_tokens",
                #"{"model":"m","system":"s","messages":[{"role":"user","content":"Hi"}]}"#
            )
        }
        // The scripted template: [system]s[user]Hi
        #expect(answer.json == ["input_tokens": 17])
    }

    @Test func thoughtsAndCallsAreBlocksOfTheirOwn() async throws {
        func piece(_ deltas: [GenerationDelta], _ count: Int) -> GenerationEvent {
            .piece(GenerationPiece(choice: 0, deltas: deltas, tokens: [1]), completionTokens: count)
        }
        let events = [
            piece([.reasoning("hm")], 1), piece([.content("So.")], 2),
            piece([.toolCall(index: 0, id: "t1", name: "get"), .toolArguments(index: 0, text: #"{"a":1}"#)], 3),
            .end(.toolCalls, count: 3),
        ]
        let whole = try await Self.post("", events)
        #expect(
            whole.json["content"] == [
                ["type": "thinking", "thinking": "hm", "signature": ""], ["type": "text", "text": "So."],
                ["type": "tool_use", "id": "t1", "name": "get", "input": ["a": 1]],
            ]
        )
        #expect(whole.json["stop_reason"] == "tool_use")
        let stream = try await Self.post(#","stream":true"#, events).body
        #expect(stream.contains(#""delta":{"type":"thinking_delta","thinking":"hm"}"#))
        #expect(stream.contains(#""content_block":{"type":"tool_use","id":"t1","name":"get","input":{}}"#))
        #expect(stream.contains(#""delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}"#))
        #expect(stream.matches(of: /event: content_block_stop/).count == 3)
    }
}
