import Engine
import Generation
import OrderedJSON
import Testing
import Tokenization

/// Choices whose output is more than text: from tokens to deltas.
@Suite struct StructuredOutputTests {
    private static let call = #"<tool_call>{"name": "now", "arguments": {}}</tool_call>"#

    private func format(tool: String = "hermes", reasoning: String? = "qwen3") throws -> OutputFormat {
        try OutputFormat(
            templates: [],
            toolParser: tool,
            reasoningParser: reasoning,
            tokenizer: try TinyTokenizer.make()
        )
    }

    private func pieces(
        _ tokens: [TokenID],
        maxTokens: Int = 1000,
        promptText: String = "one",
        format: OutputFormat? = nil,
        streamInterval: Int = 1,
        _ change: (inout GenerationRequest) -> Void = { _ in },
    ) throws -> [GenerationPiece] {
        let request = prepared(maxTokens: maxTokens, promptText: promptText) {
            $0.tools = ToolUse([ToolDefinition(name: "now")])
            $0.separatesReasoning = true
            change(&$0)
        }
        let format = try format ?? self.format()
        let events = try assemble(request, tokenEvents(tokens), format: format, streamInterval: streamInterval)
        return events.compactMap { if case .piece(let piece, _) = $0 { piece } else { nil } }
    }

    @Test(arguments: [1, 7]) func thoughtsTextAndCallsAreTold(interval: Int) throws {
        let text = "<think>é</think>Well. " + Self.call
        let pieces = try pieces(TinyTokenizer.bytes(text) + [TinyTokenizer.eos], streamInterval: interval)
        let parsed = ParsedOutput(pieces.flatMap(\.deltas))
        #expect(parsed.order == ["reasoning", "content", "call 0"])
        #expect(parsed.reasoning == "é" && parsed.content == "Well.")
        #expect(parsed.calls.map(\.name) == ["now"] && parsed.calls.map(\.arguments) == ["{}"])
        #expect(pieces.last?.finish == GenerationFinish(.toolCalls))
        #expect(pieces.flatMap(\.tokens).count == text.utf8.count)
        #expect(parsed.calls[0].id.hasPrefix("call_") && parsed.calls[0].id.count == 29)
    }

    @Test func anAnswerWithoutCallsEndsAsAlways() throws {
        let pieces = try pieces(TinyTokenizer.bytes("Yes. ") + [TinyTokenizer.eos])
        #expect(ParsedOutput(pieces.flatMap(\.deltas)).content == "Yes. ")
        #expect(pieces.last?.finish == GenerationFinish(.stop))
    }

    @Test func aCallThatIsCutEndsByItsLength() throws {
        let tokens = TinyTokenizer.bytes(#"<tool_call>{"name": "now", "arguments": {"a"#)
        let pieces = try pieces(tokens, maxTokens: tokens.count)
        #expect(ParsedOutput(pieces.flatMap(\.deltas)).calls.first?.arguments == #"{"a"#)
        #expect(pieces.last?.finish == GenerationFinish(.length))
    }

    @Test func withoutParallelCallsTheAnswerEndsWithTheFirst() throws {
        let tokens = TinyTokenizer.bytes(Self.call + Self.call)
        for use in [
            ToolUse([ToolDefinition(name: "now")], allowsParallelCalls: false),
            ToolUse([ToolDefinition(name: "now")], choice: .named("now")),
        ] {
            let pieces = try pieces(tokens) { $0.tools = use }
            #expect(ParsedOutput(pieces.flatMap(\.deltas)).calls.count == 1)
            #expect(pieces.last?.finish == GenerationFinish(.toolCalls))
        }
        #expect(ParsedOutput(try pieces(tokens).flatMap(\.deltas)).calls.count == 2)
    }

    @Test func onlyTheNamedFunctionCanBeCalled() throws {
        let tools = ToolUse([ToolDefinition(name: "now"), ToolDefinition(name: "then")], choice: .named("then"))
        let pieces = try pieces(TinyTokenizer.bytes(Self.call) + [TinyTokenizer.eos]) { $0.tools = tools }
        #expect(ParsedOutput(pieces.flatMap(\.deltas)).content == Self.call)
    }

    @Test func withoutToolsOrWithNoneACallIsText() throws {
        let tokens = TinyTokenizer.bytes(Self.call) + [TinyTokenizer.eos]
        let none = try pieces(tokens) { $0.tools?.choice = .none }
        let without = try pieces(tokens) { $0.tools = nil }
        for pieces in [none, without] {
            #expect(ParsedOutput(pieces.flatMap(\.deltas)).content == Self.call)
            #expect(pieces.last?.finish == GenerationFinish(.stop))
        }
    }

    @Test func thePromptTellsWhetherThoughtsHaveBegun() throws {
        let tokens = TinyTokenizer.bytes("a</think>b") + [TinyTokenizer.eos]
        let begun = ParsedOutput(try pieces(tokens, promptText: "x<think>\n").flatMap(\.deltas))
        #expect(begun.reasoning == "a" && begun.content == "b")
        let not = ParsedOutput(try pieces(tokens, promptText: "x").flatMap(\.deltas))
        #expect(not.reasoning.isEmpty && not.content == "a</think>b")
        let plain = ParsedOutput(
            try pieces(tokens, promptText: "x<think>\n") { $0.separatesReasoning = false }.flatMap(\.deltas)
        )
        #expect(plain.content == "a</think>b")
    }

    @Test(arguments: [true, false]) func controlTokensAreShownOnlyWhenAskedFor(skips: Bool) throws {
        let tokens = TinyTokenizer.bytes("a") + [TinyTokenizer.turn] + TinyTokenizer.bytes("b") + [TinyTokenizer.eos]
        let pieces = try pieces(tokens) { $0.skipSpecialTokens = skips }
        #expect(ParsedOutput(pieces.flatMap(\.deltas)).content == (skips ? "ab" : "a<|turn|>b"))
        #expect(pieces.flatMap(\.tokens) == tokens.dropLast())
    }

    @Test func aStopStringEndsTheChoiceInFrontOfItAndLosesNothingElse() throws {
        let pieces = try pieces(TinyTokenizer.bytes("<think>a</think> b <tool_ca stop c")) { $0.stop = ["stop"] }
        let parsed = ParsedOutput(pieces.flatMap(\.deltas))
        #expect(parsed.content == "b <tool_ca ")
        #expect(pieces.last?.finish == GenerationFinish(.stop, cause: .string("stop")))
    }

    @Test func aModelWhoseTemplateKnowsNoToolsIsToldInAMessage() throws {
        let tools = ToolUse([ToolDefinition(name: "now", description: "The time.", parameters: ["type": "object"])])
        let messages = ToolInstructions.messages(
            [
                ["role": "system", "content": "Be brief."], ["role": "user", "content": "Time?"],
                [
                    "role": "assistant",
                    "tool_calls": [["type": "function", "function": ["name": "now", "arguments": ["a": 1]]]],
                ],
                ["role": "tool", "content": "12"], ["role": "tool", "content": "13"],
            ],
            tools: tools.templateTools,
            hasSystemRole: true
        )
        #expect(messages.map { $0["role"] } == ["system", "user", "assistant", "user"])
        let system = try #require(messages[0]["content"]?.stringValue)
        #expect(system.hasPrefix("Be brief.\n\n"))
        #expect(system.contains(#"{"name": "now", "description": "The time.", "parameters": {"type": "object"}}"#))
        #expect(messages[2]["content"] == "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"a\": 1}}\n</tool_call>")
        #expect(messages[2]["tool_calls"] == nil)
        let results = "<tool_response>\n12\n</tool_response>\n<tool_response>\n13\n</tool_response>"
        #expect(messages[3]["content"] == .string(results))
        let plain = ToolInstructions.messages(
            [["role": "user", "content": "Time?"]],
            tools: tools.templateTools,
            hasSystemRole: false
        )
        #expect(plain.count == 1 && plain[0]["content"]?.stringValue?.hasSuffix("\n\nTime?") == true)
    }
}
