extension ToolCallFormat {
    /// Hermes' format, which Qwen 2.5, Qwen 3, Granite 4 and many others share: a JSON object in a tag for each call.
    ///
    /// Apriel puts a list of them in one tag, `tool_calls`. Small models, Qwen2.5-Coder above all, forget the tags: objects
    /// that name a function are calls at an answer's beginning, too.
    ///
    ///     <tool_call>
    ///     {"name": "f", "arguments": {"a": 1}}
    ///     </tool_call>
    package static let hermes = ToolCallFormat("hermes", "qwen3", "qwen", "qwen25", "granite4") {
        $0.contains("<tool_call>")
    } openers: { tokens in
        var style = JSONCalls.Style()
        style.closers = [tokens.form("</tool_call>")]
        style.separators = Array(",".utf8)
        var list = JSONCalls.Style()
        list.closers = [tokens.form("</tool_calls>")]
        var bare = JSONCalls.Style()
        bare.separators = Array(";,".utf8)
        return [
            Opener(tokens.form("<tool_call>")) { [style] in JSONCalls(style) },
            Opener(tokens.form("<tool_calls>")) { [list] in JSONCalls(list) },
        ] + namedObjects(isAtStart: true) { [bare] in JSONCalls(bare) }
    } grammar: { _ in
        CallGrammar(
            trigger: "<tool_call>",
            before: { "<tool_call>\n{\"name\": \"\($0)\", \"arguments\": " },
            after: "}\n</tool_call>",
        )
    }
}
