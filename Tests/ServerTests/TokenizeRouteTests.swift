import OrderedJSON
import Testing

@Suite struct TokenizeRouteTests {
    @Test(arguments: [
        (#"{"prompt":"ab"}"#, #"{"tokens":[999,97,98],"count":3,"max_model_len":100}"#),
        (#"{"content":"ab","add_special_tokens":false}"#, #"{"tokens":[97,98],"count":2,"max_model_len":100}"#),
        (#"{"prompt":"","add_special_tokens":false}"#, #"{"tokens":[],"count":0,"max_model_len":100}"#),
        (#"{"messages":[{"role":"u","content":"x"}]}"#, #"{"tokens":[91,117,93,120],"count":4,"max_model_len":100}"#),
    ])
    func textAndChatsBecomeIDs(body: String, answer: String) async throws {
        #expect(try await TestServer.run { try await $0.post("/tokenize", body) }.body == answer)
    }

    @Test func aChatIsRenderedWithTheToolsThatItMayCall() async throws {
        try await TestServer.run { server in
            let chat = #""messages":[{"role":"u","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}]"#
            let told = try await server.post("/tokenize", "{\(chat)}")
            #expect(told.json["tokens"] == [91, 117, 93, 120, 102])
            let untold = try await server.post("/tokenize", #"{\#(chat),"tool_choice":"none"}"#)
            #expect(untold.json["count"] == 4)
        }
    }

    @Test func idsBecomeText() async throws {
        try await TestServer.run { server in
            #expect(try await server.post("/detokenize", #"{"tokens":[999,97]}"#).body == #"{"prompt":"<s>a"}"#)
            let skipped = try await server.post("/detokenize", #"{"tokens":[999,97],"skip_special_tokens":true}"#)
            #expect(skipped.body == #"{"prompt":"a"}"#)
            let wrong = try await server.post("/detokenize", #"{"tokens":[99999999]}"#)
            #expect(wrong.status == 400)
            #expect(wrong.json["message"]?.stringValue?.contains("99999999") == true)
        }
    }
}
