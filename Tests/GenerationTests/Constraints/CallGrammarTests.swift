import Generation
import GuidedDecoding
import OrderedJSON
import Testing
import Tokenization

/// Grammars of calls: what they allow is what the parsers read.
@Suite struct CallGrammarTests {
    private static let tools = [
        ToolDefinition(
            name: "get_weather",
            parameters: [
                "type": "object", "required": ["city", "days"], "additionalProperties": false,
                "properties": [
                    "city": ["type": "string"], "days": ["type": "integer", "minimum": 1, "maximum": 9],
                    "unit": ["type": "string", "enum": ["mm", "cm"]], "exact": ["type": "boolean"],
                    "tags": ["type": "array", "items": ["type": "string", "maxLength": 3], "maxItems": 2],
                ],
            ]
        ),
        ToolDefinition(
            name: "now",
            parameters: ["type": "object", "properties": [:], "additionalProperties": false]
        ),
    ]

    /// Control tokens of the formats whose markers are some.
    private static let controls: [String: [String]] = [
        "gpt-oss": channels, "granite": ["<|tool_call|>"], "mistral": ["[TOOL_CALLS]", "[ARGS]"],
        "kimi_k2": [
            "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "<|tool_call_begin|>",
            "<|tool_call_argument_begin|>", "<|tool_call_end|>",
        ],
        "functiongemma": ["<start_function_call>", "<end_function_call>", "<escape>"],
        "deepseek_v32": ["\u{FF5C}DSML\u{FF5C}"], "deepseek_v4": ["\u{FF5C}DSML\u{FF5C}"],
        "gemma4": ["<|tool_call>", "<tool_call|>", "<|\"|>"],
        "glm45": ["<tool_call>", "</tool_call>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"],
        "qwen3_coder": ["</parameter>", "</function>"], "seed_oss": ["</parameter>", "</function>"],
    ]

    private struct Bench {
        let tokens: ControlTokens
        let vocabulary: [[UInt8]]
        let compiler: GrammarCompiler

        init(_ controls: [String]) {
            tokens = ControlTokens(controls.map { Array($0.utf8) })
            // Every byte is a token.
            vocabulary = (0..<256).map { [UInt8($0)] } + controls.map { ControlFrame.framed($0.utf8) }
            let special = Dictionary(uniqueKeysWithValues: controls.enumerated().map { (Int32(256 + $0), $1) })
            let plain = (0..<256).map { [UInt8($0)] } + controls.map { Array($0.utf8) }
            compiler = GrammarCompiler(vocabulary: TokenVocabulary(tokens: plain, special: special))
        }

        /// An output that a grammar allows: mostly what ends something, else anything.
        func output(_ constraint: any TokenConstraint, _ random: inout SeededGenerator) throws -> [UInt8] {
            var matcher = constraint.makeMatcher()
            var output: [UInt8] = []
            try complete(&output, &matcher, &random)
            return output
        }

        /// Goes on with an output until it may end.
        func complete(
            _ output: inout [UInt8],
            _ matcher: inout any TokenMatcher,
            _ random: inout SeededGenerator
        ) throws {
            let ends = Set("\"}])>,</\n:1".utf8.map { Int32($0) })
            for _ in 0..<20_000 {
                if matcher.isComplete { return }
                var mask = TokenMask(count: vocabulary.count)
                matcher.allow(&mask)
                let allowed = (0..<Int32(vocabulary.count)).filter { mask[$0] }
                let printable = allowed.filter { $0 >= 256 || (0x20..<0x7F).contains($0) }
                let ending = allowed.filter { ends.contains($0) || $0 >= 256 }
                // A closing tag that has begun mostly goes on: its chance is small enough.
                let isInTag = output.last == UInt8(ascii: "<")
                let tag = allowed.filter { $0 >= 256 || (isInTag && $0 == Int32(UInt8(ascii: "/"))) }
                let pool =
                    !tag.isEmpty && Bool.random(using: &random)
                    ? tag
                    : !ending.isEmpty && Bool.random(using: &random)
                        ? ending : printable.isEmpty ? allowed : printable
                let token = try #require(pool.randomElement(using: &random))
                let isTaken = matcher.advance(token)
                #expect(isTaken)
                output += vocabulary[Int(token)]
            }
            Issue.record("no end in sight: \(String(decoding: output.prefix(400), as: UTF8.self))")
        }

        /// An output's tokens.
        func tokens(_ stream: [UInt8]) -> [Int32] {
            var tokens: [Int32] = []
            var rest = stream[...]
            while let first = rest.first {
                guard first == ControlFrame.opening, let end = rest.firstIndex(of: ControlFrame.closing) else {
                    tokens.append(Int32(first))
                    rest = rest.dropFirst()
                    continue
                }
                tokens.append(Int32(vocabulary.firstIndex(of: Array(rest[...end])) ?? 0))
                rest = rest[(end + 1)...]
            }
            return tokens
        }
    }

    @Test(arguments: ToolCallFormat.all.map(\.names[0])) func whatAGrammarAllowsTheParserReads(name: String) throws {
        let bench = Bench(Self.controls[name] ?? [])
        let format = try OutputFormat(toolParser: name, tokens: bench.tokens)
        let grammar = try #require(format.calls.grammar?(bench.tokens))
        var random = SeededGenerator(state: 11)
        for (choice, isParallel) in [(ToolChoice.required, true), (.required, false), (.named("get_weather"), true)] {
            let use = ToolUse(Self.tools, choice: choice, allowsParallelCalls: isParallel)
            let constraint = try bench.compiler.compile { builder throws(GrammarError) in
                try builder.node(for: use, grammar, bench.tokens)
            }
            for _ in 0..<12 {
                let output = try bench.output(constraint, &random)
                var parser = try #require(format.makeParser(OutputSituation(tools: ToolSet(use.callable))))
                let parsed = ParsedOutput(parser.append(output) + parser.finish())
                let text = String(decoding: output, as: UTF8.self)
                #expect(!parsed.calls.isEmpty && parsed.content.isEmpty, "\(text)")
                #expect(choice == .required || parsed.calls.map(\.name) == ["get_weather"])
                #expect(isParallel || parsed.calls.count == 1)
                for call in parsed.calls { try Self.check(call, "\(text)") }
            }
        }
    }

    /// Every call that is found in outputs of a format, free until one begins, obeys its schema: what a grammar doesn't take
    /// of them is left out, and what has begun is made whole.
    @Test(arguments: ToolCallFormat.all.map(\.names[0])) func callsThatBeginByThemselvesObeyTheirSchemas(
        name: String
    ) throws {
        let samples = (FormatSample.wellFormed + FormatSample.malformed).filter {
            $0.hasTools && $0.toolParser.flatMap(ToolCallFormat.named)?.names[0] == name
        }
        try #require(!samples.isEmpty)
        var random = SeededGenerator(state: 17)
        var callCount = 0
        for sample in samples {
            let own = Self.controls[name] ?? []
            let bench = Bench(own + sample.controls.filter { !own.contains($0) })
            let format = try OutputFormat(toolParser: name, tokens: bench.tokens)
            for isParallel in [true, false] {
                let use = ToolUse(Self.tools, allowsParallelCalls: isParallel)
                var matcher = try Self.matcher(format, bench, use)
                var output: [UInt8] = []
                for token in bench.tokens(bench.tokens.form(sample.output)) {
                    if Self.takes(token, &matcher) {
                        output += bench.vocabulary[Int(token)]
                    } else {
                        try bench.complete(&output, &matcher, &random)
                    }
                }
                try bench.complete(&output, &matcher, &random)
                var parser = try #require(format.makeParser(OutputSituation(tools: ToolSet(use.callable))))
                let parsed = ParsedOutput(parser.append(output) + parser.finish())
                let text = "\(sample.name): \(String(decoding: output, as: UTF8.self))"
                #expect(!parser.isInCall, "\(text)")
                #expect(isParallel || parsed.calls.count <= 1, "\(text)")
                for call in parsed.calls { try Self.check(call, text) }
                callCount += parsed.calls.count
            }
        }
        #expect(callCount > 0)
    }

    /// Whether a matcher goes on by a token.
    private static func takes(_ token: Int32, _ matcher: inout any TokenMatcher) -> Bool { matcher.advance(token) }

    /// Whether a matcher goes on by a text, byte by byte.
    private static func takes(_ text: String, _ matcher: inout any TokenMatcher) -> Bool {
        text.utf8.allSatisfy { matcher.advance(Int32($0)) }
    }

    /// Holds a call to its function's schema.
    private static func check(_ call: ParsedOutput.Call, _ output: String) throws {
        let arguments = try #require(try JSONParser.parse(call.arguments).objectValue, "\(output)")
        if call.name == "now" {
            #expect(arguments.isEmpty, "\(output)")
            return
        }
        #expect(arguments["city"]?.stringValue != nil, "\(output)")
        #expect((1...9).contains(arguments["days"]?.integerValue ?? 0), "\(output)")
        #expect(["mm", "cm", nil].contains(arguments["unit"]), "\(output)")
        #expect(arguments["tags"] == nil || arguments["tags"]?.arrayValue?.allSatisfy { $0.stringValue != nil } == true)
        #expect(Set(arguments.keys).isSubset(of: ["city", "days", "unit", "exact", "tags"]), "\(output)")
    }

    /// Behind a whole section of calls, what looks like a call without a marker is one to both the grammar and the
    /// parser, or to neither.
    @Test(arguments: ToolCallFormat.all.map(\.names[0])) func callsBehindCallsObeyTheirSchemas(name: String) throws {
        let bench = Bench(Self.controls[name] ?? [])
        let format = try OutputFormat(toolParser: name, tokens: bench.tokens)
        let grammar = try #require(format.calls.grammar?(bench.tokens))
        let behind = [
            #"{"name": "now", "arguments": {"bogus": 1}}"#, #"{"name": "now", "parameters": {"bogus": 1}}"#,
            #"[{"name": "now", "arguments": {"bogus": 1}}]"#, "[now(bogus=1)]", "now\n{\"bogus\": 1}",
            "```json\n{\"name\": \"now\", \"arguments\": {\"bogus\": 1}}\n```",
        ]
        let use = ToolUse(Self.tools)
        let free = try bench.compiler.compile { builder throws(GrammarError) in
            try builder.node(for: use, grammar, bench.tokens)
        }
        var random = SeededGenerator(state: 23)
        for section in grammar.sections {
            var only = grammar
            only.sections = [section]
            let sections = try bench.compiler.compile { [only] builder throws(GrammarError) in
                try builder.node(for: ToolUse(Self.tools, choice: .required), only, bench.tokens)
            }
            let output = try bench.output(sections, &random) + [UInt8(ascii: "\n")]
            for text in behind {
                let both = output + Array(text.utf8)
                var matcher = free.makeMatcher()
                guard bench.tokens(both).allSatisfy({ Self.takes($0, &matcher) }) else { continue }
                var parser = try #require(format.makeParser(OutputSituation(tools: ToolSet(use.callable))))
                let parsed = ParsedOutput(parser.append(both) + parser.finish())
                let shown = String(decoding: both, as: UTF8.self)
                #expect(!parsed.calls.isEmpty && parsed.content.hasSuffix(text), "\(shown)")
                for call in parsed.calls { try Self.check(call, shown) }
            }
        }
    }

    @Test(arguments: [
        (
            "hermes", "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>",
            #"{"name": "now", "arguments": {"a": 1}}"#
        ),
        ("olmo3", "<function_calls>now()</function_calls>", "[now(a=1)]"),
        ("llama4_pythonic", "<|python_start|>[now()]<|python_end|>", "[now(a=1)]"),
    ]) func aCallWithoutItsMarkerBehindOneWithItIsText(name: String, call: String, text: String) throws {
        let bench = Bench([])
        let format = try OutputFormat(toolParser: name, tokens: bench.tokens)
        var free = try Self.matcher(format, bench)
        #expect(Self.takes("\(call)\n\(text)", &free) && free.isComplete)
        var parser = try #require(format.makeParser(OutputSituation(tools: ToolSet(Self.tools))))
        let parsed = ParsedOutput(parser.append("\(call)\n\(text)".utf8) + parser.finish())
        #expect(parsed.calls.map(\.arguments) == ["{}"] && parsed.content == text)
    }

    @Test func argumentsAreThoseOfTheSchema() {
        let closed = ToolDefinition(name: "f", parameters: ["type": "object", "properties": ["a": true]]).schema
        #expect(closed["additionalProperties"] == false)
        let said: [JSONObject] = [
            [:], ["type": "object"], ["properties": [:], "additionalProperties": ["type": "string"]],
            ["properties": [:], "patternProperties": ["^x": true]], ["properties": [:], "required": ["b"]],
            ["properties": [:], "anyOf": [["required": ["b"]]]],
        ]
        for parameters in said {
            let schema = ToolDefinition(name: "f", parameters: parameters).schema
            #expect(schema["additionalProperties"] == parameters["additionalProperties"])
        }
    }

    private static func matcher(
        _ format: OutputFormat,
        _ bench: Bench,
        _ use: ToolUse = ToolUse(tools)
    ) throws -> any TokenMatcher {
        let grammar = try #require(format.calls.grammar?(bench.tokens))
        return try bench.compiler.compile { builder throws(GrammarError) in
            try builder.node(for: use, grammar, bench.tokens)
        }.makeMatcher()
    }

    @Test(arguments: ["pythonic", "llama4_pythonic"]) func aBareListIsHeldToItsCallsOnceOneBegan(
        name: String
    ) throws {
        let bench = Bench(["<|python_start|>", "<|python_end|>"])
        let format = try OutputFormat(toolParser: name, tokens: bench.tokens)
        for text in ["", "Hm, [now(", "[1, 2] are numbers", "[nowhere(1)]", " \n[now", "[rain(", "now()"] {
            var free = try Self.matcher(format, bench)
            #expect(Self.takes(text, &free) && free.isComplete, "\(text)")
        }
        for text in ["[now(", " \n[get_weather(days=", "[get_weather(city=\"a\""] {
            var held = try Self.matcher(format, bench)
            #expect(Self.takes(text, &held) && !held.isComplete, "\(text)")
            #expect(!Self.takes("x", &held), "\(text)")
        }
        var whole = try Self.matcher(format, bench)
        #expect(Self.takes("[get_weather(days=3, city=\"a\"), now()]", &whole) && whole.isComplete)
        var one = try Self.matcher(format, bench, ToolUse(Self.tools, allowsParallelCalls: false))
        #expect(Self.takes("[now()", &one) && !Self.takes(",", &one))
    }

    @Test(arguments: [
        ("hermes", "{\"name\": \"now\", \"arguments\": {"),
        ("hermes", "\n```json\n{\n  \"name\" : \"now\",\"parameters\":{"),
        ("hermes", "[{\"type\": \"function\", \"name\": \"now\", \"arguments\": {"), ("hermes", "<tool_calls>["),
        ("llama3_json", "So: {\"name\": \"now\", \"parameters\": {"), ("qwen3_coder", "So: <function=now>"),
        ("phi4", "So: functools[{\"name\": \"now\", \"arguments\": {"), ("granite", "So: <tool_call>["),
        ("command-r", "Action: ```json\n[{\"tool_name\": \"now\", \"parameters\": {"),
        ("olmo3", "So: <function_calls>now("), ("deepseek_v4", "<\u{FF5C}DSML\u{FF5C}function_calls>\n"),
    ]) func aCallWithoutItsMarkerIsHeldToItsSchema(name: String, beginning: String) throws {
        let bench = Bench([])
        let format = try OutputFormat(toolParser: name, tokens: bench.tokens)
        var held = try Self.matcher(format, bench)
        #expect(Self.takes(String(beginning.dropLast()), &held))
        #expect(Self.takes(String(beginning.suffix(1)), &held) && !held.isComplete)
        #expect(!Self.takes("x", &held) && !Self.takes("\"", &held))
    }

    @Test(arguments: ["hermes", "llama3_json", "phi4", "pythonic", "glm4_0414"])
    func answersThatAreNoCallsStayFree(name: String) throws {
        let bench = Bench([])
        let format = try OutputFormat(toolParser: name, tokens: bench.tokens)
        for text in [
            "{\"name\": \"Anna\", \"arguments\": {\"a\": 1}}", "{\"name\": \"now\", \"is\": 1}",
            "import functools\nfunctools[1]", "[{\"name\": \"now\"}]", "```json\n{\"a\": 1}\n```", "now = [now]",
        ] {
            var free = try Self.matcher(format, bench)
            #expect(Self.takes(text, &free) && free.isComplete, "\(text)")
        }
    }

    @Test func theLineOfAFunctionIsHeldToItsArguments() throws {
        let bench = Bench(["<|assistant|>"])
        let format = try OutputFormat(toolParser: "glm4_0414", tokens: bench.tokens)
        var held = try Self.matcher(format, bench)
        #expect(Self.takes("now\n{", &held) && !Self.takes("\"", &held))
        for text in ["\nnow it rains", "now\nit rains"] {
            var free = try Self.matcher(format, bench)
            #expect(Self.takes(text, &free) && free.isComplete)
        }
    }

    /// gpt-oss's control tokens, whose ids here begin at 256 in this order.
    private static let channels = [
        "<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|call|>", "<|constrain|>", "<|return|>",
    ]

    /// Whether a matcher goes on by a text whose control tokens are tokens of the bench.
    private static func takesMessage(_ text: String, _ bench: Bench, _ matcher: inout any TokenMatcher) -> Bool {
        var text = text[...]
        while let first = text.first {
            let control = channels.firstIndex { text.hasPrefix($0) }
            if let control {
                guard takes(Int32(256 + control), &matcher) else { return false }
                text = text.dropFirst(channels[control].count)
            } else {
                guard takes(String(first), &matcher) else { return false }
                text = text.dropFirst()
            }
        }
        return true
    }

    @Test func messagesBeginWithTheirHeads() throws {
        let bench = Bench(Self.channels)
        let format = try OutputFormat(toolParser: "gpt-oss", tokens: bench.tokens)
        for text in [
            "<|channel|>final<|message|>Hm.", "<|start|>assistant<|channel|>final<|message|>Hm.",
            "<|channel|>commentary<|message|>I'll look.<|end|>"
                + "<|start|>assistant<|channel|>commentary to=functions.now <|constrain|>json<|message|>{}",
        ] {
            var free = try Self.matcher(format, bench)
            #expect(Self.takesMessage(text, bench, &free) && free.isComplete, "\(text)")
        }
        var headless = try Self.matcher(format, bench)
        #expect(!Self.takesMessage("Hm.", bench, &headless))
        var held = try Self.matcher(format, bench)
        #expect(Self.takesMessage("<|channel|>commentary to=functions.no", bench, &held))
        #expect(!Self.takes("x", &held))
    }

    @Test func anAnswerThatObeysAGrammarBeginsWithItsHead() throws {
        let bench = Bench(Self.channels)
        let format = try OutputFormat(toolParser: "gpt-oss", tokens: bench.tokens)
        var matcher = try bench.compiler.compile { builder throws(GrammarError) in
            try builder.node(forAnswer: .jsonObject, heads: format.answerHeads, bench.tokens)
        }.makeMatcher()
        #expect(!Self.takesMessage("{", bench, &matcher))
        #expect(Self.takesMessage("<|start|>assistant<|channel|>final<|message|>{}", bench, &matcher))
        #expect(matcher.isComplete)
    }

    @Test func textIsFreeUntilACallBegins() throws {
        let bench = Bench(["<tool_call>", "</tool_call>"])
        let format = try OutputFormat(toolParser: "hermes", tokens: bench.tokens)
        let grammar = try #require(format.calls.grammar?(bench.tokens))
        let constraint = try bench.compiler.compile { builder throws(GrammarError) in
            try builder.node(for: ToolUse(Self.tools), grammar, bench.tokens)
        }
        var matcher = constraint.makeMatcher()
        #expect(Self.takes("Hm, {\"a\" <tool_call> é", &matcher))
        #expect(matcher.isComplete)
        #expect(Self.takes(256, &matcher))
        #expect(!matcher.isComplete)
        #expect(Self.takes("\n{\"name\": \"no", &matcher))
        #expect(!Self.takes("x", &matcher))
    }

    @Test func aTriggerOfPlainTextIsSeenInIt() throws {
        let bench = Bench([])
        let format = try OutputFormat(toolParser: "hermes", tokens: bench.tokens)
        let grammar = try #require(format.calls.grammar?(bench.tokens))
        let use = ToolUse(Self.tools, allowsParallelCalls: false)
        let constraint = try bench.compiler.compile { builder throws(GrammarError) in
            try builder.node(for: use, grammar, bench.tokens)
        }
        var matcher = constraint.makeMatcher()
        #expect(Self.takes("a <tool <tool_call>\n{\"name\": \"now\", \"arguments\": ", &matcher))
        #expect(!Self.takes("[", &matcher))
        #expect(Self.takes("{}}\n</tool_call>\nbye <tool", &matcher))
        #expect(matcher.isComplete)
        #expect(Self.takes("_call", &matcher))
        #expect(!Self.takes(">", &matcher))
    }
}
