import OpenAIProtocol
import OrderedJSON
import Testing

@Suite struct EmbeddingTests {
    @Test func allFormsOfInputsAreRead() throws {
        #expect(try EmbeddingRequest(["model": "m", "input": "a"]).inputs == [.text("a")])
        #expect(try EmbeddingRequest(["model": "m", "input": ["a", "b"]]).inputs == [.text("a"), .text("b")])
        #expect(try EmbeddingRequest(["model": "m", "input": [1, 2]]).inputs == [.tokens([1, 2])])
        #expect(try EmbeddingRequest(["model": "m", "input": [[1], [2]]]).inputs == [.tokens([1]), .tokens([2])])
        #expect(fault { _ = try EmbeddingRequest(["model": "m", "input": []]) }?.field == "input")
        let hex = fault { _ = try EmbeddingRequest(["model": "m", "input": "a", "encoding_format": "hex"]) }
        #expect(hex?.description.contains("'float', 'base64'") == true)
    }

    @Test func pairsHaveOneFirstTextOrAsMany() throws {
        func score(_ first: JSONValue, _ second: JSONValue) throws -> ScoreRequest {
            try ScoreRequest(["model": "m", "text_1": first, "text_2": second])
        }
        #expect(try score("a", ["b", "c"]).first == ["a"])
        #expect(try score(["a", "b"], ["c", "d"]).second == ["c", "d"])
        #expect(fault { _ = try score(["a", "b"], ["c"]) }?.field == "text_1")
        #expect(fault { _ = try score("a", []) }?.field == "text_2")
    }

    @Test func documentsAreTextsOrObjectsWithOne() throws {
        let request = try RerankRequest(["model": "m", "query": "q", "documents": ["a", ["text": "b"]]])
        #expect(request.documents == ["a", "b"] && request.returnsDocuments && request.top == nil)
        let wrong = fault { _ = try RerankRequest(["model": "m", "query": "q", "documents": ["a", ["url": "b"]]]) }
        #expect(wrong?.field == "documents[1]")
    }

    @Test func vectorsAreNumbersOrTheirBytes() throws {
        func body(_ vectors: [[Float]], isBase64: Bool) -> String {
            let response = EmbeddingResponse(
                id: "embd-1",
                created: 1,
                model: "m",
                vectors: vectors,
                isBase64: isBase64,
                promptTokens: 3,
            )
            return String(decoding: response.serialized, as: UTF8.self)
        }
        let head = #"{"id":"embd-1","object":"list","created":1,"model":"m","data":["#
        let usage = #","usage":{"prompt_tokens":3,"total_tokens":3}}"#
        #expect(
            body([[0.5, -1]], isBase64: false)
                == head + #"{"object":"embedding","index":0,"embedding":[0.5,-1.0]}]"# + usage
        )
        // Little-endian 0000003F 000080BF, and the two paddings of 4 and 8 bytes.
        #expect(
            body([[0.5, -1], [1]], isBase64: true)
                == head + #"{"object":"embedding","index":0,"embedding":"AAAAPwAAgL8="},"#
                + #"{"object":"embedding","index":1,"embedding":"AACAPw=="}]"# + usage
        )
    }
}
