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
            ["<|tool_call|>", "<tool_call>"].flatMap { marker in
                CallGrammar(
                    marker: marker,
                    opening: .text("\(marker)["),
                    separator: ", ",
                    closing: "]",
                    before: ["{\"name\": \"", .name, "\", \"arguments\": "],
                    after: "}",
                ).sections
            }
        )
    }
}
