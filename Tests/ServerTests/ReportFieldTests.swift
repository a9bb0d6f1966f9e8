import Generation
import OrderedJSON
import Server
import Testing

extension JSONValue {
    /// An element of a list.
    fileprivate subscript(_ index: Int) -> JSONValue? {
        guard let elements = arrayValue, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

/// What vLLM's clients ask answers to say beside their text.
@Suite struct ReportFieldTests {
    private static let script: [GenerationEvent] = [
        .started(cachedTokens: 0), .text("Hel", count: 3, scores: true),
        .text("lo", count: 5, finish: .init(.stop), scores: true),
        .usage(TokenUsage(promptTokens: 2, completionTokens: 5)),
    ]
    private static let ids: JSONValue = [72, 101, 108, 108, 111]

    private static func post(
        _ path: String,
        _ fields: String,
        _ script: [GenerationEvent] = script,
    ) async throws -> Connection.Answer {
        let prompt = path == "completions" ? #""prompt":"H""# : #""messages":[{"role":"u","content":"H"}]"#
        return try await TestServer.run(ScriptedBackend { _ in script }) { server in
            try await server.post("/v1/" + path, #"{"model":"m",\#(prompt)\#(fields)}"#)
        }
    }

    /// The chunks of a stream.
    private static func chunks(_ answer: Connection.Answer) throws -> [JSONValue] {
        try answer.body.matches(of: /data: (\{.*\})/).map { try JSONParser.parse(String($0.1)) }
    }

    @Test func tokensOfLogProbabilitiesAreCalledByTheirIDs() async throws {
        let fields = #","logprobs":true,"top_logprobs":1,"return_tokens_as_token_ids":true"#
        let entries = try await Self.post("chat/completions", fields).json["choices"]?[0]?["logprobs"]?["content"]
        let first = try #require(entries?.arrayValue?.first)
        #expect(first["token"] == "token_id:72" && first["bytes"] == [72])
        #expect(first["top_logprobs"]?[0]?["token"] == "token_id:72")
        let other = #","logprobs":1,"return_tokens_as_token_ids":true"#
        let scores = try await Self.post("completions", other).json["choices"]?[0]?["logprobs"]
        let names: [JSONValue] = [72, 101, 108, 108, 111].map { .string("token_id:\($0)") }
        #expect(scores?["tokens"] == .array(names))
        #expect(scores?["top_logprobs"]?[1] == ["token_id:101": -0.5])
        #expect(scores?["text_offset"] == [0, 1, 2, 3, 4])
    }

    @Test func idsOfPromptAndOutputComeWithTheText() async throws {
        let fields = #","return_token_ids":true"#
        let chat = try await Self.post("chat/completions", fields).json
        #expect(chat["prompt_token_ids"] == .array("[u]H".utf8.map { .integer(Int($0)) }))
        #expect(chat["choices"]?[0]?["token_ids"] == Self.ids)
        #expect(chat["choices"]?[0]?["message"]?["content"] == "Hello")
        let completion = try await Self.post("completions", fields).json["choices"]?[0]
        #expect(completion?["prompt_token_ids"] == [999, 72] && completion?["token_ids"] == Self.ids)
        #expect(completion?["text"] == "Hello")
    }

    @Test(arguments: ["chat/completions", "completions"])
    func idsAreStreamed(path: String) async throws {
        let chunks = try Self.chunks(try await Self.post(path, #","return_token_ids":true,"stream":true"#))
        let prompts = chunks.compactMap { $0["prompt_token_ids"] ?? $0["choices"]?[0]?["prompt_token_ids"] }
        #expect(prompts == [path == "completions" ? [999, 72] : .array("[u]H".utf8.map { .integer(Int($0)) })])
        let ids = chunks.flatMap { $0["choices"]?[0]?["token_ids"]?.arrayValue ?? [] }
        #expect(.array(ids) == Self.ids)
    }

    @Test func nothingOfThatIsSaidUnasked() async throws {
        for path in ["chat/completions", "completions"] {
            let body = try await Self.post(path, #","stream":true"#).body
            #expect(!body.contains("prompt_token_ids") && !body.contains(#""token_ids":["#))
        }
    }

    @Test func aClientNamesItsAnswer() async throws {
        for (path, prefix) in [("chat/completions", "chatcmpl-"), ("completions", "cmpl-")] {
            #expect(try await Self.post(path, #","request_id":"a.1""#).json["id"] == .string(prefix + "a.1"))
            for id in ["", "a b", "\u{00e9}", String(repeating: "x", count: 129)] {
                let refused = try await Self.post(path, #","request_id":"\#(id)""#)
                #expect(refused.status == 400 && refused.json["param"] == "request_id")
            }
        }
    }

    @Test func thoughtsAreLeftOutWhenNobodyWantsThem() async throws {
        func piece(_ delta: GenerationDelta, _ count: Int, _ finish: GenerationFinish? = nil) -> GenerationEvent {
            .piece(GenerationPiece(choice: 0, deltas: [delta], tokens: [1], finish: finish), completionTokens: count)
        }
        let script = [piece(.reasoning("hm"), 1), piece(.content("So."), 2, .init(.stop))]
        let fields = #","include_reasoning":false"#
        let message = try await Self.post("chat/completions", fields, script).json["choices"]?[0]?["message"]
        #expect(message?["content"] == "So." && message?["reasoning_content"] == .null)
        let stream = try await Self.post("chat/completions", fields + #","stream":true"#, script).body
        #expect(!stream.contains("reasoning") && stream.contains("So."))
        let told = try await Self.post("chat/completions", "", script).json["choices"]?[0]?["message"]
        #expect(told?["reasoning_content"] == "hm")
    }
}
