extension ToolCallFormat {
    /// Phi-4-mini's format: a list of JSON objects behind a word, or between two control tokens.
    ///
    ///     functools[{"name": "f", "arguments": {"a": 1}}]
    ///     <|tool_call|>[{"name": "f", "arguments": {"a": 1}}]<|/tool_call|>
    package static let phi4 = ToolCallFormat("phi4", "phi4_mini_json", "phi4_mini") {
        $0.contains("functools") || $0.contains("<|/tool_call|>")
            || ($0.contains("<|/tool|>") && $0.contains("<|tool|>"))
    } openers: { tokens in
        var style = JSONCalls.Style()
        style.closers = [tokens.form("<|/tool_call|>")]
        return [
            Opener(Array("functools".utf8)) { JSONCalls() },
            Opener(tokens.form("<|tool_call|>")) { [style] in JSONCalls(style) },
        ]
    } grammar: { tokens in
        let isMarked = tokens.contains("<|tool_call|>")
        return CallGrammar(
            trigger: isMarked ? "<|tool_call|>" : "functools",
            opening: isMarked ? "<|tool_call|>[" : "functools[",
            separator: ", ",
            closing: isMarked ? "]<|/tool_call|>" : "]",
            before: { "{\"name\": \"\($0)\", \"arguments\": " },
            after: "}",
        )
    }
}
