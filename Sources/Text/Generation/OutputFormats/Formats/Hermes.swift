extension ToolCallFormat {
    /// Hermes' format, which Qwen 2.5, Qwen 3, Granite 4 and many others share: a JSON object in a tag for each call.
    ///
    /// Apriel puts a list of them in one tag, `tool_calls`. Small models, Qwen2.5-Coder above all, forget the tags: objects
    /// that begin with a function's name are calls at an answer's beginning, too, fenced or not.
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
        return [
            Opener(tokens.form("<tool_call>")) { [style] in JSONCalls(style) },
            Opener(tokens.form("<tool_calls>")) { [list] in JSONCalls(list) },
            Opener(firstBytes: "{[".utf8, reader: NamedObjects.Style().reader),
            Opener(Array("```json".utf8), isAtStart: true, reader: fenced.reader),
        ]
    } grammar: { _ in
        let tagged = CallGrammar(
            marker: "<tool_call>",
            before: ["<tool_call>\n{\"name\": \"", .name, "\", \"arguments\": "],
            after: "}\n</tool_call>",
        )
        let list = CallGrammar(
            marker: "<tool_calls>",
            opening: "<tool_calls>[",
            separator: ", ",
            closing: "]</tool_calls>",
            before: ["{\"name\": \"", .name, "\", \"arguments\": "],
            after: "}",
        )
        let bare = NamedObjects.Style().sections() + fenced.sections(behind: "```json")
        return CallGrammar(tagged.sections + list.sections + bare)
    }

    /// Objects in a fence.
    private static let fenced: NamedObjects.Style = {
        var style = NamedObjects.Style()
        style.closer = Array("```".utf8)
        return style
    }()
}
