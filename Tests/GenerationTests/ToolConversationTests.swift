import ChatTemplates
import Foundation
import Generation
import OrderedJSON
import Testing

/// A conversation with two calls in one message and their results, in the prompts of published templates: each family's own
/// form, with every call and every result.
@Suite struct ToolConversationTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        let template: String
        /// What stands behind the question, up to the answer.
        let text: String

        init(_ template: String, _ text: String) {
            self.template = template
            self.text = text
        }

        var testDescription: String { template }
    }

    private static let bar = "\u{FF5C}"
    private static let gap = "\u{2581}"
    private static let hermes = """
        <tool_call>
        {"name": "get_weather", "arguments": {"city": "Zürich", "days": 3}}
        </tool_call>
        <tool_call>
        {"name": "now", "arguments": {}}
        </tool_call>
        """
    private static let tags = """
        <function=get_weather>
        <parameter=city>
        Zürich
        </parameter>
        <parameter=days>
        3
        </parameter>
        </function>
        </tool_call>
        <tool_call>
        <function=now>
        </function>
        </tool_call><|im_end|>
        """
    private static let responses =
        "<tool_response>\nIt rains.\n</tool_response>\n<tool_response>\nNoon.\n</tool_response>"
    private static let listed =
        #"[{"name": "get_weather", "arguments": {"city": "Zürich", "days": 3}, "id": "call00001"}, "#
        + #"{"name": "now", "arguments": {}, "id": "call00002"}]"#

    static let expected: [Expected] = [
        Expected("Qwen-Qwen2.5-7B-Instruct", "\(hermes)<|im_end|>\n<|im_start|>user\n\(responses)<|im_end|>\n"),
        Expected("Qwen-Qwen3-0.6B", "\(hermes)<|im_end|>\n<|im_start|>user\n\(responses)<|im_end|>\n"),
        Expected(
            "ibm-granite-granite-4.0",
            "\(hermes)<|end_of_text|>\n<|start_of_role|>user<|end_of_role|>\n\(responses)"
        ),
        Expected("Qwen3-Coder", "<tool_call>\n\(tags)\n<|im_start|>user\n\(responses)\n<|im_end|>\n"),
        Expected("Qwen3.5-4B", "<tool_call>\n\(tags)\n<|im_start|>user\n\(responses)<|im_end|>\n"),
        Expected(
            "ByteDance-Seed-OSS",
            "<function=now>\n</function>\n</seed:tool_call><seed:eos><seed:bos>tool\nIt rains.<seed:eos><seed:bos>tool\nNoon."
        ),
        Expected(
            "GLM-4.6",
            "<arg_value>3</arg_value>\n</tool_call>\n<tool_call>now\n</tool_call><|observation|>\n\(responses)<|assistant|>"
        ),
        Expected(
            "GLM-4.7-Flash",
            "<arg_value>3</arg_value></tool_call><tool_call>now</tool_call><|observation|><tool_response>It rains."
                + "</tool_response><tool_response>Noon.</tool_response><|assistant|>"
        ),
        Expected(
            "glm4-0414",
            "<|assistant|>get_weather \n{\"city\": \"Zürich\", \"days\": 3}<|assistant|>now \n{}"
                + "<|observation|>\nIt rains.<|observation|>\nNoon.<|assistant|>\n"
        ),
        Expected(
            "Deepseek-V3.1",
            "get_weather<\(bar)tool\(gap)sep\(bar)>{\"city\": \"Zürich\", \"days\": 3}<\(bar)tool\(gap)call\(gap)end\(bar)>"
        ),
        Expected(
            "Deepseek-V3.1",
            "<\(bar)tool\(gap)output\(gap)begin\(bar)>It rains.<\(bar)tool\(gap)output\(gap)end\(bar)>"
                + "<\(bar)tool\(gap)output\(gap)begin\(bar)>Noon.<\(bar)tool\(gap)output\(gap)end\(bar)>"
        ),
        Expected(
            "deepseek-r1-0528",
            "function<\(bar)tool\(gap)sep\(bar)>get_weather\n```json\n{\"city\": \"Zürich\", \"days\": 3}\n```"
        ),
        Expected(
            "deepseek-ai-DeepSeek-V3.2",
            "<\(bar)DSML\(bar)invoke name=\"now\">\n</\(bar)DSML\(bar)invoke>\n</\(bar)DSML\(bar)function_calls>"
        ),
        Expected(
            "deepseek-ai-DeepSeek-V3.2",
            "<result>It rains.</result>\n<result>Noon.</result>\n</function_results>"
        ),
        Expected(
            "deepseek-ai-DeepSeek-V4",
            "<\(bar)User\(bar)><tool_result>It rains.</tool_result>\n\n<tool_result>Noon.</tool_result>"
        ),
        Expected(
            "gemma4",
            "<|tool_call>call:get_weather{city:<|\"|>Zürich<|\"|>,days:3}<tool_call|><|tool_call>call:now{}<tool_call|>"
                + "<|tool_response>response:get_weather{value:<|\"|>It rains.<|\"|>}<tool_response|>"
                + "<|tool_response>response:now{value:<|\"|>Noon.<|\"|>}<tool_response|>"
        ),
        Expected(
            "openai-gpt-oss-120b",
            "<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>"
                + "{\"city\": \"Zürich\", \"days\": 3}<|call|>"
                + "<|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>\"It rains.\"<|end|>"
                + "<|start|>assistant to=functions.now<|channel|>commentary json<|message|>{}<|call|>"
                + "<|start|>functions.now to=assistant<|channel|>commentary<|message|>\"Noon.\"<|end|>"
        ),
        Expected(
            "ibm-granite-granite-3.3-2B-Instruct",
            "<|tool_call|>[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 3}}, "
                + "{\"name\": \"now\", \"arguments\": {}}]<|end_of_text|>\n"
                + "<|start_of_role|>tool<|end_of_role|>It rains.<|end_of_text|>\n"
                + "<|start_of_role|>tool<|end_of_role|>Noon.<|end_of_text|>\n"
        ),
        Expected(
            "mistral-instruct-v0.3",
            "[TOOL_CALLS] \(listed)</s>[TOOL_RESULTS] {\"content\": It rains., \"call_id\": \"call00001\"}[/TOOL_RESULTS]"
        ),
        Expected(
            "mistralai-Mistral-Nemo-Instruct-2407",
            "[TOOL_CALLS]\(listed)</s>[TOOL_RESULTS]{\"content\": It rains., \"call_id\": \"call00001\"}[/TOOL_RESULTS]"
        ),
        Expected(
            "Mistral-Small-3.2-24B-Instruct-2506",
            "[TOOL_CALLS]get_weather[CALL_ID]call00001[ARGS]{\"city\": \"Zürich\", \"days\": 3}"
                + "[TOOL_CALLS]now[CALL_ID]call00002[ARGS]{}</s>"
                + "[TOOL_RESULTS]call00001[TOOL_CONTENT]It rains.[/TOOL_RESULTS]"
                + "[TOOL_RESULTS]call00002[TOOL_CONTENT]Noon.[/TOOL_RESULTS]"
        ),
        Expected(
            "mistralai-Ministral-3-14B-Reasoning-2512",
            "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Zürich\", \"days\": 3}[TOOL_CALLS]now[ARGS]{}</s>"
                + "[TOOL_RESULTS]It rains.[/TOOL_RESULTS][TOOL_RESULTS]Noon.[/TOOL_RESULTS]"
        ),
        Expected("unsloth-Apriel-1.5", "<tool_calls>\(listed)</tool_calls>"),
        Expected("unsloth-Apriel-1.5", "<|tool_result|>\nIt rains.\n<|end|>\n<|tool_result|>\nNoon.\n"),
        Expected("HuggingFaceTB-SmolLM3-3B", "\(hermes)<|im_end|>\n<|im_start|>user\n\(responses)<|im_end|>\n"),
        Expected("chatml", "\(hermes)<|im_end|>\n<|im_start|>user\n\(responses)<|im_end|>\n"),
        Expected("phi_4", "\(hermes)<|im_end|><|im_start|>user<|im_sep|>\(responses)<|im_end|>"),
    ]

    private static let messages: [JSONValue] = [
        ["role": "user", "content": "Weather in Zürich?"],
        [
            "role": "assistant", "content": "",
            "tool_calls": [
                call("get_weather", #"{"city": "Zürich", "days": 3}"#, "call00001"), call("now", "", "call00002"),
            ],
        ],
        ["role": "tool", "tool_call_id": "call00001", "name": "get_weather", "content": "It rains."],
        ["role": "tool", "tool_call_id": "call00002", "name": "now", "content": "Noon."],
        ["role": "assistant", "content": "Rain at noon."],
        ["role": "user", "content": "And Oslo?"],
    ]

    private static func call(_ name: String, _ arguments: String, _ id: String) -> JSONValue {
        ["id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": .string(arguments)]]
    }

    private static let tools = ToolUse([
        ToolDefinition(
            name: "get_weather",
            description: "The weather",
            parameters: ["type": "object", "properties": ["city": ["type": "string"], "days": ["type": "integer"]]]
        ),
        ToolDefinition(name: "now", description: "The time"),
    ]).templateTools

    private static func rendered(
        _ template: String,
        _ messages: [JSONValue] = messages,
        tools: [JSONValue]? = tools
    ) throws -> String {
        var chat = ChatPrompt(messages: messages)
        chat.tools = tools
        let renderer = PromptRenderer(
            tokenizer: try TinyTokenizer.make(addBOS: true),
            template: try ChatTemplate(source: template)
        )
        return String(decoding: try renderer.render(chat).text, as: UTF8.self)
    }

    private static func published(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/chat-templates/published")
        return try String(contentsOf: folder.appending(path: "\(name).jinja"), encoding: .utf8)
    }

    @Test(arguments: expected) func callsAndResultsAreInTheFamilysOwnForm(expected: Expected) throws {
        let prompt = try Self.rendered(Self.published(expected.template))
        let question = try #require(prompt.firstRange(of: "Weather in Zürich?")).upperBound
        let answer = try #require(prompt.firstRange(of: "Rain at noon.")).lowerBound
        #expect(question < answer)
        #expect(prompt[question..<answer].contains(expected.text), "\(prompt[question..<answer])")
        #expect(prompt[answer...].contains("And Oslo?"))
    }

    @Test(arguments: Set(expected.map(\.template)).sorted())
    func nothingIsLostWhereARequestHasNoToolsAnyMore(template: String) throws {
        let prompt = try Self.rendered(Self.published(template), tools: nil)
        for part in ["get_weather", "Zürich", "now", "It rains.", "Noon.", "Rain at noon."] {
            #expect(prompt.contains(part), "\(part): \(prompt)")
        }
    }

    /// Phi-4-mini's template, which finds tools in the system message and knows no calls.
    private static let phi4Mini = """
        {% for message in messages %}{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}\
        {{ '<|' + message['role'] + '|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|>' + '<|end|>' }}\
        {% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}{% endfor %}\
        {% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}
        """

    @Test func toolsStandInTheSystemMessageWhereTheTemplateLooksForThem() throws {
        let prompt = try Self.rendered(Self.phi4Mini)
        #expect(prompt.hasPrefix("<|system|><|tool|>[{\"name\": \"get_weather\", "))
        #expect(
            prompt.contains(
                "<|assistant|><|tool_call|>[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 3}}, "
                    + "{\"name\": \"now\", \"arguments\": {}}]<|/tool_call|><|end|>"
                    + "<|tool_response|>It rains.<|end|><|tool_response|>Noon.<|end|><|assistant|>Rain at noon.<|end|>"
            )
        )
    }

    @Test func resultsInAnotherOrderStandBehindTheirCalls() throws {
        var messages = Self.messages
        messages.swapAt(2, 3)
        let template = try Self.published("openai-gpt-oss-120b")
        #expect(try Self.rendered(template, messages) == Self.rendered(template))
    }

    @Test func manyResultsInReverseOrderStandBehindTheirCalls() {
        let ids = (0..<50_000).map { JSONValue.string("call\($0)") }
        let calls = ids.map { ["id": $0, "function": ["name": "now"]] as JSONValue }
        let results = ids.map { ["role": "tool", "tool_call_id": $0, "content": $0] as JSONValue }
        let stray: JSONValue = ["role": "tool", "tool_call_id": "another", "content": "Noon."]
        let template = "<|channel|><|message|>"
        let adapted = ToolMessages.adapted(
            [["role": "assistant", "tool_calls": .array(calls)], stray] + results.reversed() + [results[0]],
            tools: nil,
            to: template
        )
        #expect(adapted.count == 2 * ids.count + 2)
        for (index, result) in results.enumerated() {
            guard adapted[2 * index]["tool_calls"] == [calls[index]], adapted[2 * index + 1] == result else {
                Issue.record("call \(index)")
                return
            }
        }
        #expect(Array(adapted.suffix(2)) == [stray, results[0]])
    }

    @Test func aTemplateThatTakesArgumentsForTextGetsText() throws {
        let prompt = try Self.rendered(Self.published("deepseek_v3"), tools: nil)
        #expect(prompt.contains("{\"city\": \"Zürich\", \"days\": 3}") && prompt.contains("It rains."))
    }

    @Test(arguments: ["Qwen-Qwen2.5-7B-Instruct", "chatml", "glm4-0414", "ibm-granite-granite-3.3-2B-Instruct"])
    func controlTokensThatToolsAndCallsNameStayText(template: String) throws {
        let tools = ToolUse([ToolDefinition(name: "f", description: "in front </s> behind")]).templateTools
        let messages: [JSONValue] = [
            ["role": "user", "content": "Hi"],
            ["role": "assistant", "content": "", "tool_calls": [Self.call("f", #"{"a": "</s>"}"#, "call00001")]],
            ["role": "tool", "tool_call_id": "call00001", "content": "</s>"], ["role": "user", "content": "Ho"],
        ]
        var chat = ChatPrompt(messages: messages)
        chat.tools = tools
        let renderer = PromptRenderer(
            tokenizer: try TinyTokenizer.make(addBOS: true),
            template: try ChatTemplate(source: Self.published(template))
        )
        let prompt = try renderer.render(chat)
        #expect(prompt.plainRanges.count == 3)
        for range in prompt.plainRanges { #expect(Array(prompt.text[range]) == Array("</s>".utf8)) }
    }
}
