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
            let id: CallGrammar.Pattern = ["functions.", .name, ":", .choice((0..<100).map { "\($0)" })]
            return CallGrammar(
                marker: "<|tool_calls_section_begin|>",
                opening: "<|tool_calls_section_begin|>",
                separator: "",
                closing: "<|tool_calls_section_end|>",
                before: ["<|tool_call_begin|>", id, "<|tool_call_argument_begin|>"],
                after: "<|tool_call_end|>",
            )
        }
        format.ids = .numbered
        return format
    }()
}
