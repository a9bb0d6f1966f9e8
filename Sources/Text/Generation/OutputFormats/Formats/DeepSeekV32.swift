extension ToolCallFormat {
    /// The format of DeepSeek V3.2: tags of DeepSeek's own, in which each argument says whether it is a string.
    ///
    ///     <｜DSML｜function_calls>
    ///     <｜DSML｜invoke name="f">
    ///     <｜DSML｜parameter name="a" string="false">1</｜DSML｜parameter>
    ///     </｜DSML｜invoke>
    ///     </｜DSML｜function_calls>
    package static let deepSeekV32 = ToolCallFormat("deepseek_v32") {
        $0.contains("\u{FF5C}DSML\u{FF5C}")
    } openers: { tokens in
        openers(tokens)
    } grammar: { _ in
        CallGrammar(["function_calls", "tool_calls"].map(section))
    }

    /// The format of DeepSeek V4: that of V3.2 with another name for the section.
    package static let deepSeekV4 = ToolCallFormat("deepseek_v4") {
        $0.contains("\u{FF5C}DSML\u{FF5C}") && !$0.contains("function_calls")
    } openers: { tokens in
        openers(tokens)
    } grammar: { _ in
        CallGrammar(["tool_calls", "function_calls"].map(section))
    }

    private static func openers(_ tokens: ControlTokens) -> [Opener] {
        ["function_calls", "tool_calls"].map { section in
            let style = TaggedCalls.Style(
                nameOpener: tokens.form("<\u{FF5C}DSML\u{FF5C}invoke name=\""),
                nameClosers: [Array("\">".utf8)],
                parameterOpener: tokens.form("<\u{FF5C}DSML\u{FF5C}parameter name=\""),
                parameterCloser: Array("\"".utf8),
                valueOpeners: [
                    (Array("string=\"true\">".utf8), ["string"]), (Array("string=\"false\">".utf8), nil),
                    (Array(">".utf8), nil),
                ],
                valueCloser: tokens.form("</\u{FF5C}DSML\u{FF5C}parameter>"),
                callCloser: tokens.form("</\u{FF5C}DSML\u{FF5C}invoke>"),
                sectionCloser: tokens.form("</\u{FF5C}DSML\u{FF5C}\(section)>"),
            )
            return Opener(tokens.form("<\u{FF5C}DSML\u{FF5C}\(section)>")) { TaggedCalls(style) }
        }
    }

    private static func section(_ name: String) -> CallGrammar.Section {
        let tags = CallGrammar.Tags(
            opener: { name, isString in
                "<\u{FF5C}DSML\u{FF5C}parameter name=\"\(name)\" string=\"\(isString)\">"
            },
            closer: "</\u{FF5C}DSML\u{FF5C}parameter>",
            open: { "<\u{FF5C}DSML\u{FF5C}invoke name=\"\($0)\">\n" },
            separator: "\n",
            close: "\n</\u{FF5C}DSML\u{FF5C}invoke>",
        )
        return CallGrammar.Section(
            .marker("<\u{FF5C}DSML\u{FF5C}\(name)>"),
            opening: .text("<\u{FF5C}DSML\u{FF5C}\(name)>\n"),
            closing: .text("\n</\u{FF5C}DSML\u{FF5C}\(name)>"),
            call: CallGrammar.call(in: tags),
        )
    }
}
