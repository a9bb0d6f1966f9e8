import OpenAIProtocol
import OrderedJSON
import Testing

@Suite struct TokenizeRequestTests {
    @Test(arguments: ["prompt", "content"])
    func textHasTwoNames(name: String) throws {
        let request = try TokenizeRequest([name: "a"])
        #expect(request.input == .text("a", addSpecialTokens: true, parseSpecialTokens: true))
    }

    @Test func specialTokensAreSwitchable() throws {
        let request = try TokenizeRequest(["prompt": "a", "add_special_tokens": false, "parse_special_tokens": 0])
        #expect(request.input == .text("a", addSpecialTokens: false, parseSpecialTokens: false))
    }

    @Test func aChatIsReadAsChatsAre() throws {
        let body: JSONObject = ["messages": [["role": "u", "content": "x"]], "add_generation_prompt": false]
        guard case .chat(let messages, let template, _) = try TokenizeRequest(body).input else {
            Issue.record("not a chat")
            return
        }
        #expect(messages.map(\.text) == ["x"])
        #expect(!template.addGenerationPrompt)
    }

    @Test func nullIsAsGoodAsAbsent() throws {
        let request = try TokenizeRequest([
            "prompt": "a", "content": nil, "messages": nil, "model": nil, "add_special_tokens": nil,
        ])
        #expect(request == (try TokenizeRequest(["prompt": "a"])))
        #expect(try DetokenizeRequest(["tokens": [1], "skip_special_tokens": nil]).tokens == [1])
    }

    @Test(arguments: [
        ("{}", "prompt"), (#"{"prompt":"a","content":"b"}"#, "content"), (#"{"prompt":5}"#, "prompt"),
        (#"{"prompt":"a","nope":1}"#, "nope"), (#"{"messages":[]}"#, "messages"), (#"{"prompt":null}"#, "prompt"),
    ])
    func aWrongFieldIsNamed(body: String, field: String) {
        #expect(fault { _ = try TokenizeRequest(RequestBody.parse(Array(body.utf8))) }?.field == field)
    }

    @Test func tokensAreTurnedBack() throws {
        #expect(try DetokenizeRequest(["tokens": [1, 2]]).tokens == [1, 2])
        #expect(try !DetokenizeRequest(["tokens": []]).skipSpecialTokens)
        #expect(fault { _ = try DetokenizeRequest([:]) } == .missing(field: "tokens"))
        #expect(fault { _ = try DetokenizeRequest(["tokens": ["a"]]) }?.field == "tokens[0]")
    }
}
