extension ToolCallFormat {
    /// Kimi K2's format: ids that name the function and count the calls, and arguments.
    ///
    ///     <|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{"a": 1}
    ///     <|tool_call_end|><|tool_calls_section_end|>
    package static let kimiK2: ToolCallFormat = {
        var format = ToolCallFormat("kimi_k2") {
            $0.contains("<|tool_calls_section_begin|>") || $0.contains("<|tool_call_argument_begin|>")
        } openers: { tokens in
            var style = HeadedCalls.Style(headEnds: [tokens.form("<|tool_call_argument_begin|>")])
            style.opener = tokens.form("<|tool_call_begin|>")
            style.closer = tokens.form("<|tool_call_end|>")
            style.sectionEnd = tokens.form("<|tool_calls_section_end|>")
            style.name = { head in
                let id = String(decoding: ControlFrame.unframed(head).trimmed, as: UTF8.self)
                var name = id[...]
                if name.hasPrefix("functions.") { name = name.dropFirst("functions.".count) }
                if let colon = name.lastIndex(of: ":") { name = name[..<colon] }
                return (String(name), id)
            }
            return [Opener(tokens.form("<|tool_calls_section_begin|>")) { [style] in HeadedCalls(style) }]
        } grammar: { _ in
            var grammar = CallGrammar(trigger: "<|tool_calls_section_begin|>") { tool in
                .sequence([
                    .text("<|tool_call_begin|>functions.\(tool.name):"), .choice((0..<100).map { .text("\($0)") }),
                    .text("<|tool_call_argument_begin|>"), .json(tool.schema), .text("<|tool_call_end|>"),
                ])
            }
            grammar.opening = "<|tool_calls_section_begin|>"
            grammar.separator = ""
            grammar.closing = "<|tool_calls_section_end|>"
            return grammar
        }
        format.ids = .numbered
        return format
    }()
}
