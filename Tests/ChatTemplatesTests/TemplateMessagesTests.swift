import ChatTemplates
import OrderedJSON
import Testing

@Suite struct TemplateMessagesTests {
    private func prepared(_ message: JSONValue) throws -> JSONValue? { try TemplateMessages.prepared([message]).first }

    private func call(_ arguments: JSONValue) -> JSONValue {
        ["role": "assistant", "tool_calls": [["id": "1", "function": ["name": "f", "arguments": arguments]]]]
    }

    private func arguments(_ message: JSONValue?) -> JSONValue? {
        message?["tool_calls"]?.arrayValue?.first?["function"]?["arguments"]
    }

    @Test func argumentsThatAreTheTextOfAnObjectAreThatObjectInItsOrder() throws {
        let parsed = arguments(try prepared(call(#"{"b": [1, null], "a": "x"}"#)))
        #expect(parsed == ["b": [1, nil], "a": "x"])
        #expect(parsed?.objectValue?.keys == ["b", "a"])
        #expect(arguments(try prepared(call(""))) == [:])
    }

    @Test(arguments: ["{", "[1]", "1", "soon", "null", #"{"a": 1} {"b": 2}"#] as [JSONValue])
    func argumentsThatAreNoObjectStayText(text: JSONValue) throws {
        #expect(arguments(try prepared(call(text))) == text)
    }

    @Test func argumentsThatAreAnObjectAlreadyStayAsTheyAre() throws {
        #expect(arguments(try prepared(call(["a": nil]))) == ["a": nil])
    }

    @Test func moreThanAMebibyteOfArgumentsIsRefused() throws {
        let half = JSONValue.string(#"{"a": ""# + String(repeating: "x", count: 1 << 19) + #""}"#)
        _ = try TemplateMessages.prepared([call(half)])
        #expect {
            try TemplateMessages.prepared([call(half), call(half)])
        } throws: { error in
            (error as? TemplateError)?.kind == .limit
        }
    }

    @Test func membersThatAreNullAreLeftOut() throws {
        let message = try prepared(["role": "assistant", "content": nil, "tool_calls": nil, "name": "n"])
        #expect(message == ["role": "assistant", "name": "n"])
    }

    @Test(arguments: ["reasoning_content", "thinking", "reasoning"])
    func thoughtsAreFoundUnderTheNamesThatTemplatesRead(name: String) throws {
        var members: JSONObject = ["role": "assistant", "content": "c"]
        members[name] = "thought"
        let message = try prepared(.object(members))
        #expect(message?["reasoning_content"] == "thought")
        #expect(message?["thinking"] == "thought")
    }

    @Test func whatIsNoMessageStaysForTheTemplateToRefuse() throws {
        #expect(try prepared("text") == "text")
        #expect(try prepared(["tool_calls": "x"]) == ["tool_calls": "x"])
        #expect(try prepared(["tool_calls": [1, ["function": 2]]]) == ["tool_calls": [1, ["function": 2]]])
    }
}
