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
            Opener(Array("functools".utf8), reader: list.reader),
            Opener(tokens.form("<|tool_call|>")) { [style] in JSONCalls(style) },
        ]
    } grammar: { tokens in
        let marked = CallGrammar(
            marker: "<|tool_call|>",
            opening: "<|tool_call|>[",
            separator: ", ",
            closing: "]<|/tool_call|>",
            before: ["{\"name\": \"", .name, "\", \"arguments\": "],
            after: "}",
        ).sections
        let word = list.sections(behind: "functools", isAtStart: false)
        return CallGrammar(tokens.contains("<|tool_call|>") ? marked + word : word + marked)
    }

    /// Objects in a list behind a word that programs have as well.
    private static let list: NamedObjects.Style = {
        var style = NamedObjects.Style()
        style.needsList = true
        return style
    }()
}
