extension ToolCallFormat {
    /// Qwen3-Coder's format, also that of Qwen 3.5 and Nemotron 3: the function and each argument in a tag.
    ///
    ///     <tool_call>
    ///     <function=f>
    ///     <parameter=a>
    ///     1
    ///     </parameter>
    ///     </function>
    ///     </tool_call>
    package static let qwen3Coder = ToolCallFormat("qwen3_coder", "qwen3_xml", "qwen35_coder", "step3p5") {
        $0.contains("<function=") && $0.contains("<parameter=") && $0.contains("<tool_call>")
    } openers: { tokens in
        openers(tokens, opener: "<tool_call>", closer: "</tool_call>")
    } grammar: { _ in
        grammar(opener: "<tool_call>", closer: "</tool_call>")
    }

    /// Seed-OSS's format: Qwen3-Coder's with other outer tags.
    package static let seedOSS = ToolCallFormat("seed_oss") {
        $0.contains("<seed:tool_call>")
    } openers: { tokens in
        openers(tokens, opener: "<seed:tool_call>", closer: "</seed:tool_call>")
    } grammar: { _ in
        grammar(opener: "<seed:tool_call>", closer: "</seed:tool_call>")
    }

    private static func grammar(opener: String, closer: String) -> CallGrammar {
        let tags: (String) -> CallGrammar.Tags = { opener in
            CallGrammar.Tags(
                opener: { name, _ in "<parameter=\(name)>\n" },
                closer: "\n</parameter>",
                open: { "\(opener)<function=\($0)>\n" },
                separator: "\n",
                close: "\n</function>\n\(closer)",
            )
        }
        return CallGrammar([
            CallGrammar.Section(.marker(opener), call: CallGrammar.call(in: tags("\(opener)\n"))),
            CallGrammar.Section(
                .head(["<function=", .name, ">"], isAtStart: false),
                call: CallGrammar.call(in: tags("")),
            ),
        ])
    }

    private static func openers(_ tokens: ControlTokens, opener: String, closer: String) -> [Opener] {
        let style = TaggedCalls.Style(
            nameOpener: tokens.form("<function="),
            nameClosers: [Array(">".utf8)],
            parameterOpener: tokens.form("<parameter="),
            parameterCloser: Array(">".utf8),
            valueCloser: tokens.form("</parameter>"),
            callCloser: tokens.form("</function>"),
            sectionCloser: tokens.form(closer),
            trimsLineFeeds: true,
        )
        return [
            Opener(tokens.form(opener)) { TaggedCalls(style) },
            // The outer tag is forgotten now and then.
            Opener(tokens.form("<function=")) { TaggedCalls(style, isBehindNameOpener: true) },
        ]
    }
}
