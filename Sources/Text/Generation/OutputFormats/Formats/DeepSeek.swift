/// The markers that DeepSeek's models put around calls; the bars and spaces in them are characters of their own.
private enum DeepSeekMarker {
    static let callsOpener = "<\u{FF5C}tool\u{2581}calls\u{2581}begin\u{FF5C}>"
    static let callsCloser = "<\u{FF5C}tool\u{2581}calls\u{2581}end\u{FF5C}>"
    static let callOpener = "<\u{FF5C}tool\u{2581}call\u{2581}begin\u{FF5C}>"
    static let callCloser = "<\u{FF5C}tool\u{2581}call\u{2581}end\u{FF5C}>"
    static let separator = "<\u{FF5C}tool\u{2581}sep\u{FF5C}>"
}

extension ToolCallFormat {
    /// The format of DeepSeek V3 and R1: a type, a name, and arguments in a fence.
    ///
    ///     <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f
    ///     ```json
    ///     {"a": 1}
    ///     ```<｜tool▁call▁end｜><｜tool▁calls▁end｜>
    package static let deepSeekV3 = ToolCallFormat("deepseek_v3", "deepseek_r1") {
        $0.contains(DeepSeekMarker.callsOpener) && $0.contains("```json")
    } openers: { tokens in
        var style = style(tokens, headEnds: [Array("```json".utf8)])
        style.trailer = Array("```".utf8)
        style.name = { head in
            let plain = String(decoding: ControlFrame.unframed(head), as: UTF8.self)
            guard let name = plain.split(separator: DeepSeekMarker.separator, maxSplits: 1).last else { return nil }
            return (String(decoding: Array(name.utf8).trimmed, as: UTF8.self), nil)
        }
        return [Opener(tokens.form(DeepSeekMarker.callsOpener)) { [style] in HeadedCalls(style) }]
    } grammar: { _ in
        CallGrammar(
            marker: DeepSeekMarker.callsOpener,
            opening: .text(DeepSeekMarker.callsOpener),
            closing: .text(DeepSeekMarker.callsCloser),
            before: ["\(DeepSeekMarker.callOpener)function\(DeepSeekMarker.separator)", .name, "\n```json\n"],
            after: "\n```\(DeepSeekMarker.callCloser)",
        )
    }

    /// The format of DeepSeek V3.1: a name and arguments.
    ///
    ///     <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{"a": 1}<｜tool▁call▁end｜><｜tool▁calls▁end｜>
    package static let deepSeekV31 = ToolCallFormat("deepseek_v31", "deepseek_v3.1") {
        $0.contains(DeepSeekMarker.callsOpener)
    } openers: { tokens in
        let style = style(tokens, headEnds: [tokens.form(DeepSeekMarker.separator)])
        return [Opener(tokens.form(DeepSeekMarker.callsOpener)) { HeadedCalls(style) }]
    } grammar: { _ in
        CallGrammar(
            marker: DeepSeekMarker.callsOpener,
            opening: .text(DeepSeekMarker.callsOpener),
            separator: "",
            closing: .text(DeepSeekMarker.callsCloser),
            before: [.text(DeepSeekMarker.callOpener), .name, .text(DeepSeekMarker.separator)],
            after: .text(DeepSeekMarker.callCloser),
        )
    }

    private static func style(_ tokens: ControlTokens, headEnds: [[UInt8]]) -> HeadedCalls.Style {
        var style = HeadedCalls.Style(headEnds: headEnds)
        style.opener = tokens.form(DeepSeekMarker.callOpener)
        style.closer = tokens.form(DeepSeekMarker.callCloser)
        style.sectionEnd = tokens.form(DeepSeekMarker.callsCloser)
        return style
    }
}
