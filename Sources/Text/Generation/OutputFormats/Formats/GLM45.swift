extension ToolCallFormat {
    /// The format of GLM 4.5 to 5: the function's name at the beginning of a tag, arguments in pairs of tags.
    ///
    ///     <tool_call>f
    ///     <arg_key>a</arg_key>
    ///     <arg_value>1</arg_value>
    ///     </tool_call>
    package static let glm45 = ToolCallFormat("glm45", "glm4", "glm47", "glm") {
        $0.contains("<arg_key>")
    } openers: { tokens in
        let style = TaggedCalls.Style(
            nameClosers: [tokens.form("<arg_key>"), tokens.form("</tool_call>")],
            parameterOpener: tokens.form("<arg_key>"),
            parameterCloser: tokens.form("</arg_key>"),
            valueOpeners: [(tokens.form("<arg_value>"), nil)],
            valueCloser: tokens.form("</arg_value>"),
            callCloser: tokens.form("</tool_call>"),
        )
        return [Opener(tokens.form("<tool_call>")) { TaggedCalls(style) }]
    } grammar: { _ in
        let tags = CallGrammar.Tags(
            opener: { name, _ in "<arg_key>\(name)</arg_key>\n<arg_value>" },
            closer: "</arg_value>",
            open: { "<tool_call>\($0)\n" },
            separator: "\n",
            close: "\n</tool_call>",
        )
        return CallGrammar(marker: "<tool_call>", call: CallGrammar.call(in: tags))
    }
}
