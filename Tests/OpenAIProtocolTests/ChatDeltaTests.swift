import OpenAIProtocol
import OrderedJSON
import Testing

@Suite struct ChatDeltaTests {
    private static let identity = ResponseIdentity(prefix: "chatcmpl-", created: 7, model: "m", fingerprint: "fp")

    private func delta(_ delta: ChatDelta) throws -> JSONValue? {
        var bytes: [UInt8] = []
        ChatChunkWriter(Self.identity).append(
            delta,
            choice: 0,
            scores: nil,
            finish: nil,
            usage: nil,
            to: &bytes
        )
        return try JSONParser.parse(Array(bytes.dropFirst(6)))["choices"]?.arrayValue?.first?["delta"]
    }

    @Test func deltasHaveTheirNamesOnTheWire() throws {
        #expect(try delta(.content("a\"")) == ["content": "a\""])
        #expect(try delta(.reasoning("b")) == ["reasoning_content": "b", "reasoning": "b"])
        #expect(
            try delta(.toolCall(index: 1, id: "c", name: "f")) == [
                "tool_calls": [
                    ["index": 1, "id": "c", "type": "function", "function": ["name": "f", "arguments": ""]]
                ]
            ]
        )
        #expect(
            try delta(.toolArguments(index: 1, text: "{\"a\":")) == [
                "tool_calls": [["index": 1, "function": ["arguments": "{\"a\":"]]]
            ]
        )
    }

    @Test func aWholeReplyHasWhatItsDeltasCameTo() throws {
        var choice = ChatCompletionResponse.Choice()
        let deltas: [ChatDelta] = [
            .reasoning("th"), .reasoning("ink"), .toolCall(index: 0, id: "c", name: "f"),
            .toolArguments(index: 0, text: "{"), .toolArguments(index: 0, text: "}"),
            .toolArguments(index: 5, text: "lost"),
        ]
        for delta in deltas { choice.append(delta) }
        choice.finish = ChoiceFinish(reason: "tool_calls")
        let response = ChatCompletionResponse(
            identity: Self.identity,
            role: "assistant",
            choices: [choice],
            usage: Usage(),
            seed: 1
        )
        let sent = try JSONParser.parse(response.serialized)["choices"]?.arrayValue?.first
        #expect(sent?["finish_reason"] == "tool_calls")
        #expect(
            sent?["message"] == [
                "role": "assistant", "content": nil, "reasoning_content": "think", "reasoning": "think",
                "tool_calls": [["id": "c", "type": "function", "function": ["name": "f", "arguments": "{}"]]],
            ]
        )
    }
}
