import OpenAIProtocol
import OrderedJSON
import Testing

@Suite struct FieldDescriptionTests {
    private static let requests: [any DescribedRequest.Type] = [
        ChatCompletionRequest.self, CompletionRequest.self, TokenizeRequest.self, DetokenizeRequest.self,
        MessagesRequest.self, CountTokensRequest.self, ResponseRequest.self, EmbeddingRequest.self, ScoreRequest.self,
        RerankRequest.self,
    ]

    @Test func everyExampleIsAGoodRequestOfItsKind() throws {
        for request in Self.requests {
            #expect(throws: Never.self, "\(request)") { try request.fields() }
            #expect(!request.examples.isEmpty)
        }
    }

    @Test func theDecoderTellsNamesKindsAndDefaults() throws {
        let fields = try CompletionRequest.fields()
        func field(_ name: String) throws -> FieldDescription { try #require(fields.first { $0.name == name }) }
        #expect(fields.filter(\.isRequired).map(\.name) == ["model", "prompt"])
        #expect(try field("echo") == FieldDescription(name: "echo", kind: .boolean, defaultValue: false))
        #expect(try field("max_tokens").kind == .integer(0...Int.max))
        #expect(try field("truncate_prompt_tokens").kind == .integer(1...Int.max))
        #expect(try field("prompt").kind == .either([.string, .list(.string), .list(.token), .list(.list(.token))]))
        #expect(try field("top_p").kind == .number(.positiveProbability))
    }

    @Test func objectsInsideTellTheirFieldsToo() throws {
        let options = try #require(try ChatCompletionRequest.fields().first { $0.name == "stream_options" })
        guard case .object(let fields) = options.kind else {
            Issue.record("not an object")
            return
        }
        #expect(fields.map(\.name) == ["include_usage", "continuous_usage_stats", "include_obfuscation"])
        #expect(fields.first?.defaultValue == true && fields.allSatisfy { !$0.isRequired })
    }

    @Test func whatOnlySomeRequestsNeedIsNotRequired() throws {
        let fields = try TokenizeRequest.fields()
        #expect(fields.filter(\.isRequired).isEmpty)
        #expect(Set(["prompt", "content", "messages", "chat_template"]).isSubset(of: Set(fields.map(\.name))))
    }

    @Test func everyDecodedFieldIsTakenByTheDecoder() throws {
        for request in Self.requests {
            let names = try request.fields().map(\.name)
            #expect(Set(names).count == names.count)
            for example in request.examples { #expect(Set(example.keys).isSubset(of: Set(names))) }
        }
    }
}
