import OpenAIProtocol
import OrderedJSON
import RequestParameters
import Testing

@Suite struct ResponseRequestTests {
    private static func request(_ fields: JSONObject) throws -> ResponseRequest {
        var object: JSONObject = ["model": "m", "input": "Hi"]
        for (key, value) in fields { object[key] = value }
        return try ResponseRequest(object)
    }

    private static func chat(_ fields: JSONObject, after earlier: [JSONValue] = []) throws -> ChatCompletionRequest {
        try request(fields).chat(after: earlier, limits: RequestLimits())
    }

    @Test func aTextIsAMessageOfTheUsers() throws {
        let request = try Self.request([:])
        #expect(request.isStored && !request.isStreamed && !request.isBackground)
        #expect(request.input == [["type": "message", "role": "user", "content": "Hi"]])
        #expect(try Self.chat([:]).messages.map(\.text) == ["Hi"])
    }

    @Test func settingsAreThoseOfAChat() throws {
        let chat = try Self.chat([
            "max_output_tokens": 7, "temperature": 0, "top_p": 0.5, "seed": 3, "top_logprobs": 2, "stream": true,
            "reasoning": ["effort": "low"], "text": ["format": ["type": "text"]],
        ])
        #expect(
            chat.sampling.maxTokens == 7 && chat.sampling.parameters.temperature == 0
                && chat.sampling.parameters.seed == 3
        )
        #expect(chat.logProbabilities == 2 && chat.stream.isStreamed)
        #expect(chat.template.variables["reasoning_effort"] == "low")
    }

    @Test func instructionsAndDevelopersAreOneSystemMessage() throws {
        let input: JSONValue = [
            ["role": "developer", "content": "b"], ["role": "user", "content": [["type": "input_text", "text": "c"]]],
        ]
        let chat = try Self.chat(["instructions": "a", "input": input])
        #expect(chat.messages.map(\.role) == ["system", "user"] && chat.messages.map(\.text) == ["a\n\nb", "c"])
    }

    @Test func someToolsMayBeAllowed() throws {
        let tools: JSONValue = [["type": "function", "name": "f"], ["type": "function", "name": "g"]]
        let choice: JSONValue = [
            "type": "allowed_tools", "mode": "required", "tools": [["type": "function", "name": "g"]],
        ]
        let chat = try Self.chat(["input": "1", "tools": tools, "tool_choice": choice])
        #expect(chat.tools.allowed == ["g"] && chat.tools.choice == .required && chat.tools.tools.count == 2)
    }

    @Test func theConversationGoesOn() throws {
        let earlier: [JSONValue] = [
            ["type": "message", "role": "user", "content": "1"],
            ["type": "reasoning", "id": "rs_1", "summary": [], "content": [["type": "reasoning_text", "text": "hm"]]],
            [
                "type": "message", "role": "assistant",
                "content": [["type": "output_text", "text": "2", "annotations": []]],
            ],
            ["type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"],
            ["type": "function_call_output", "call_id": "c1", "output": "3"],
        ]
        let messages = try Self.chat(["input": "4"], after: earlier).messages
        #expect(messages.map(\.role) == ["user", "assistant", "tool", "user"])
        #expect(messages.map(\.text) == ["1", "2", "3", "4"])
        #expect(messages[1].members["reasoning_content"] == "hm")
        #expect(messages[1].members["tool_calls"]?.arrayValue?.count == 1)
    }

    @Test(arguments: [
        (#"{"input":[]}"#, "input", "at least 1"), (#"{"input":5}"#, "input", "a list of items"),
        (#"{"input":[{"type":"web_search_call"}]}"#, "input[0].type", "'web_search_call'"),
        (
            #"{"input":[{"role":"user","content":[{"type":"input_image","image_url":"x"}]}]}"#, "input[0].content[0]",
            "this model takes text only"
        ),
        (
            #"{"input":[{"role":"user","content":[{"type":"input_file","file_id":"x"}]}]}"#, "input[0].content[0]",
            "this model takes text only"
        ),
        (#"{"tools":[{"type":"web_search"}]}"#, "tools[0].type", "'web_search'"),
        (#"{"background":true,"store":false}"#, "background", "needs store"),
        (#"{"truncation":"auto"}"#, "truncation", "not supported"),
        (#"{"conversation":"c"}"#, "conversation", "not supported"), (#"{"messages":[]}"#, "messages", "use input"),
        (#"{"include":["nothing"]}"#, "include[0]", "one of"), (#"{"tool_choice":"some"}"#, "tool_choice", "must be"),
        (#"{"max_output_tokens":0}"#, "max_output_tokens", "at least 1"),
    ])
    func aWrongFieldIsNamed(fields: String, field: String, words: String) throws {
        let fields = try RequestBody.parse(Array(fields.utf8))
        let error = fault { _ = try Self.request(fields) }
        #expect(error?.field == field)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
