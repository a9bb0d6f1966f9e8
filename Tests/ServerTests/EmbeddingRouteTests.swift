import Generation
import OrderedJSON
import Server
import Testing

@Suite struct EmbeddingRouteTests {
    /// A vector of two numbers for a text: how many of its bytes are `a`, and how many aren't.
    private static func engine() -> TestServer.FakeEngine {
        var engine = TestServer.FakeEngine()
        engine.embed = { request in
            let text: [UInt8] =
                switch request.prompt {
                case .text(let text): Array(text.utf8)
                case .tokens(let ids): ids.map { UInt8(truncatingIfNeeded: $0) }
                case .chat: []
                }
            let count = text.filter { $0 == UInt8(ascii: "a") }.count
            return ([Float(count), Float(text.count - count)], text.count)
        }
        return engine
    }

    private static func post(_ path: String, _ body: String) async throws -> Connection.Answer {
        try await TestServer.run(engine: engine()) { try await $0.post(path, body) }
    }

    @Test func vectorsHaveTheLengthOneInTheOrderOfTheInputs() async throws {
        let answer = try await Self.post("/v1/embeddings", #"{"model":"m","input":["aaabbbb","a","b"]}"#)
        let data = try #require(answer.json["data"]?.arrayValue)
        #expect(data.map { $0["index"] } == [0, 1, 2])
        #expect(data.map { $0["embedding"] } == [[0.6, 0.8], [1.0, 0.0], [0.0, 1.0]])
        #expect(answer.json["usage"] == ["prompt_tokens": 9, "total_tokens": 9])
        #expect(answer.json["object"] == "list" && answer.json["model"] == "m")
    }

    @Test func moreInputsThanGoAtOnceKeepTheirOrder() async throws {
        let inputs = (0..<200).map { $0 % 3 == 0 ? "\"a\"" : "\"b\"" }.joined(separator: ",")
        let answer = try await Self.post("/v1/embeddings", #"{"model":"m","input":[\#(inputs)]}"#)
        let firsts = answer.json["data"]?.arrayValue?.map { $0["embedding"]?.arrayValue?.first }
        #expect(firsts == (0..<200).map { $0 % 3 == 0 ? 1.0 : 0.0 })
    }

    @Test func tokensBase64AndDimensionsAreTaken() async throws {
        let answer = try await Self.post(
            "/v1/embeddings",
            #"{"model":"m","input":[97,98],"encoding_format":"base64","dimensions":1}"#
        )
        #expect(answer.json["data"]?.arrayValue?.first?["embedding"] == "AACAPw==")
        let many = try await Self.post("/v1/embeddings", #"{"model":"m","input":"a","dimensions":3}"#)
        #expect(many.status == 400 && many.json["param"] == "dimensions")
        #expect(many.json["message"]?.stringValue?.contains("at most 2") == true)
        let wrong = try await Self.post("/v1/embeddings", #"{"model":"m","input":[5000]}"#)
        #expect(wrong.status == 400 && wrong.json["param"] == "input")
    }

    @Test func aModelThatIsNotMadeForThemSaysSo() async throws {
        let answer = try await TestServer.run { try await $0.post("/v1/embeddings", #"{"model":"m","input":"a"}"#) }
        #expect(answer.status == 400)
        #expect(answer.json["message"]?.stringValue?.contains("--pooling") == true)
    }

    @Test func documentsAreOrderedByTheirCosine() async throws {
        let body = #"{"model":"m","query":"aaa","documents":["b","a",{"text":"aaabbbb"}],"top_n":2}"#
        let answer = try await Self.post("/v1/rerank", body)
        let results = try #require(answer.json["results"]?.arrayValue)
        #expect(results.map { $0["index"] } == [1, 2])
        #expect(results.map { $0["document"]?["text"] } == ["a", "aaabbbb"])
        #expect(results.first?["relevance_score"] == 1.0)
        let score = try #require(results.last?["relevance_score"]?.doubleValue)
        #expect(abs(score - 0.6) < 1e-6)
    }

    @Test func pairsAreScoredByTheirCosine() async throws {
        let one = try await Self.post("/v1/score", #"{"model":"m","text_1":"a","text_2":["a","b"]}"#)
        #expect(one.json["data"]?.arrayValue?.map { $0["score"] } == [1.0, 0.0])
        let many = try await Self.post("/v1/score", #"{"model":"m","text_1":["a","b"],"text_2":["b","b"]}"#)
        #expect(many.json["data"]?.arrayValue?.map { $0["score"] } == [0.0, 1.0])
    }
}
