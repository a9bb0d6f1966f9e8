extension ToolCallFormat {
    /// Granite 3's format: a list of JSON objects behind a control token.
    ///
    ///     <|tool_call|>[{"name": "f", "arguments": {"a": 1}}]
    package static let granite = ToolCallFormat("granite") {
        $0.contains("<|tool_call|>")
    } openers: { tokens in
        [Opener(tokens.form("<|tool_call|>")) { JSONCalls() }, Opener(tokens.form("<tool_call>")) { JSONCalls() }]
    } grammar: { _ in
        CallGrammar(
            trigger: "<|tool_call|>",
            opening: "<|tool_call|>[",
            separator: ", ",
            closing: "]",
            before: { "{\"name\": \"\($0)\", \"arguments\": " },
            after: "}",
        )
    }
}
