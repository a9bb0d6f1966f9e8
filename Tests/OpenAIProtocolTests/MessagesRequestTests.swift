import OpenAIProtocol
import OrderedJSON
import RequestParameters
import Testing

@Suite struct MessagesRequestTests {
    private static func request(_ fields: JSONObject) throws -> MessagesRequest {
        var object: JSONObject = ["model": "m", "max_tokens": 9, "messages": [["role": "user", "content": "Hi"]]]
        for (key, value) in fields { object[key] = value }
        return try MessagesRequest(object)
    }

    @Test func aMinimalRequestIsAChat() throws {
        let chat = try Self.request([:]).chat
        #expect(chat.model == "m" && chat.sampling.maxTokens == 9 && !chat.stream.isStreamed)
        #expect(chat.messages.map(\.role) == ["user"] && chat.messages.map(\.text) == ["Hi"])
    }

    @Test func fieldsAreThoseOfAChatUnderOtherNames() throws {
        let chat = try Self.request([
            "system": [["type": "text", "text": "a"], ["type": "text", "text": "b"]], "stop_sequences": ["x", "y"],
            "temperature": 0.5, "top_p": 0.9, "top_k": 5, "stream": true, "thinking": ["type": "disabled"],
            "metadata": ["user_id": "u"], "output_config": ["effort": "high"],
        ]).chat
        #expect(chat.messages.map(\.role) == ["system", "user"] && chat.messages[0].text == "a\nb")
        #expect(
            chat.sampling.stop == ["x", "y"] && chat.sampling.parameters.temperature == 0.5
                && chat.sampling.parameters.topK == 5
        )
        #expect(chat.stream.isStreamed)
        #expect(chat.template.variables["enable_thinking"] == false)
        #expect(chat.template.variables["reasoning_effort"] == "high")
    }

    @Test func aLastMessageOfTheAssistantsIsContinued() throws {
        let begun: JSONValue = [["role": "user", "content": "Hi"], ["role": "assistant", "content": "So"]]
        let chat = try Self.request(["messages": begun]).chat
        #expect(chat.template.continuesFinalMessage && !chat.template.addGenerationPrompt)
        #expect(try !Self.request([:]).chat.template.continuesFinalMessage)
    }

    @Test func callsAndResultsAreMessagesOfTheirOwn() throws {
        let messages: JSONValue = [
            ["role": "user", "content": "Weather?"],
            [
                "role": "assistant",
                "content": [
                    ["type": "thinking", "thinking": "hm", "signature": "s"], ["type": "text", "text": "Let me see."],
                    ["type": "tool_use", "id": "t1", "name": "get", "input": ["city": "Rome"]],
                ],
            ],
            [
                "role": "user",
                "content": [
                    ["type": "tool_result", "tool_use_id": "t1", "content": [["type": "text", "text": "sunny"]]],
                    ["type": "text", "text": "Thanks"],
                ],
            ],
        ]
        let chat = try Self.request(["messages": messages]).chat
        #expect(chat.messages.map(\.role) == ["user", "assistant", "tool", "user"])
        #expect(chat.messages.map(\.text) == ["Weather?", "Let me see.", "sunny", "Thanks"])
        let call = chat.messages[1].members["tool_calls"]?.arrayValue?.first
        #expect(call?["id"] == "t1" && call?["function"]?["arguments"] == #"{"city":"Rome"}"#)
        #expect(chat.messages[1].members["reasoning_content"] == "hm")
        #expect(chat.messages[2].members["tool_call_id"] == "t1")
    }

    @Test(arguments: [
        (#"{"max_tokens":null}"#, "max_tokens", "given"), (#"{"max_tokens":0}"#, "max_tokens", "at least 1"),
        (#"{"messages":[]}"#, "messages", "at least 1"), (#"{"stop":"x"}"#, "stop", "use stop_sequences"),
        (#"{"messages":[{"role":"system","content":"x"}]}"#, "messages[0].role", "'user' or 'assistant'"),
        (
            #"{"messages":[{"role":"user","content":[{"type":"image","source":{}}]}]}"#, "messages[0].content[0]",
            "this model takes text only"
        ), (#"{"messages":[{"role":"user","content":[{"type":"zip"}]}]}"#, "messages[0].content[0]", "'zip'"),
        (#"{"thinking":{"type":"perhaps"}}"#, "thinking.type", "one of"),
        (#"{"mcp_servers":[{"url":"x"}]}"#, "mcp_servers", "not supported"),
        (#"{"tools":[{"type":"bash_20250124","name":"bash"}]}"#, "tools[0].type", "'bash_20250124'"),
        (#"{"stop_sequences":[""]}"#, "stop_sequences", "empty"), (#"{"nope":1}"#, "nope", "unknown"),
    ])
    func aWrongFieldIsNamed(fields: String, field: String, words: String) throws {
        let fields = try RequestBody.parse(Array(fields.utf8))
        let error = fault { _ = try Self.request(fields) }
        #expect(error?.field == field)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
