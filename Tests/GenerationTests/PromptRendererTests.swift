import ChatTemplates
import Generation
import OrderedJSON
import Testing

@Suite struct PromptRendererTests {
    private static let calls = """
        {% for m in messages %}{% for c in m.tool_calls %}{% for k, v in c.function.arguments.items() %}\
        {{ k }}={{ v }};{% endfor %}{% endfor %}{% endfor %}
        """

    private func rendered(
        _ chat: ChatPrompt,
        template: String = "standard",
        named: [String: String] = ["tool_use": "for {{ tools|length }} tools", "rag": "for documents"],
    ) throws -> String {
        let renderer = PromptRenderer(
            tokenizer: try TinyTokenizer.make(addBOS: true),
            template: try ChatTemplate(source: template),
            named: named,
        )
        return String(decoding: try renderer.render(chat).text, as: UTF8.self)
    }

    private func chat(tools: [JSONValue]? = nil, template: String? = nil) -> ChatPrompt {
        var chat = ChatPrompt(messages: [["role": "user", "content": "one"]])
        chat.tools = tools
        chat.template = template
        return chat
    }

    @Test func controlTokensThatOnlyTheTemplateUncoversStayText() throws {
        let renderer = PromptRenderer(
            tokenizer: try TinyTokenizer.make(addBOS: true),
            template: try ChatTemplate(source: "{{ (messages[0].content | from_json).x }}"),
        )
        let content = JSONValue.string(#"{"x": "a\u003c/s\u003eb"}"#)
        let prompt = try renderer.render(ChatPrompt(messages: [["role": "user", "content": content]]))
        #expect(prompt.text == Array("a</s>b".utf8) && prompt.plainRanges == [1..<5])
    }

    @Test func chatsWithToolsGetTheModelsTemplateForTools() throws {
        #expect(try rendered(chat(tools: [[:], [:]])) == "for 2 tools")
        #expect(try rendered(chat()) == "standard")
        #expect(try rendered(chat(tools: [[:]]), named: [:]) == "standard")
    }

    @Test func aChatCanNameOneOfTheModelsTemplatesOrBringItsOwn() throws {
        #expect(try rendered(chat(template: "rag")) == "for documents")
        #expect(try rendered(chat(tools: [[:]], template: "rag")) == "for documents")
        #expect(try rendered(chat(template: "other")) == "other")
    }

    @Test func aNamedTemplateThatCannotBeCompiledIsAnErrorOfTheChatsThatNeedIt() throws {
        let named = ["tool_use": "{% if %}"]
        #expect(try rendered(chat(), named: named) == "standard")
        #expect {
            try rendered(chat(tools: [[:]]), named: named)
        } throws: { error in
            guard case GenerationError.template(let reason) = error else { return false }
            return reason.kind == .syntax
        }
    }

    @Test func argumentsOfCallsAreObjectsToTheTemplate() throws {
        let call: JSONValue = ["function": ["name": "f", "arguments": #"{"city": "Zürich", "days": 3}"#]]
        let chat = ChatPrompt(messages: [["role": "assistant", "content": nil, "tool_calls": [call]]])
        #expect(try rendered(chat, template: Self.calls) == "city=Zürich;days=3;")
    }
}
