extension ToolCallFormat {
    /// Mistral's formats: a list of JSON objects behind a control token, or since 2025 a name and its arguments behind
    /// one for each call.
    ///
    ///     [TOOL_CALLS][{"name": "f", "arguments": {"a": 1}, "id": "123456789"}]
    ///     [TOOL_CALLS]f[CALL_ID]123456789[ARGS]{"a": 1}
    package static let mistral: ToolCallFormat = {
        var format = ToolCallFormat("mistral") {
            $0.contains("[TOOL_CALLS]")
        } openers: { tokens in
            var style = HeadedCalls.Style(headEnds: [tokens.form("[ARGS]"), Array("{".utf8)])
            let idMark = Array("[CALL_ID]".utf8)
            style.name = { head in
                let plain = ControlFrame.unframed(head)
                let parts = String(decoding: plain, as: UTF8.self).split(separator: "[CALL_ID]", maxSplits: 1)
                guard let name = parts.first else { return nil }
                return (name.trimmed, parts.count > 1 && plain.count > idMark.count ? parts[1].trimmed : nil)
            }
            return [Opener(tokens.form("[TOOL_CALLS]")) { [style] in MistralCalls(style) }]
        } grammar: { tokens in
            guard tokens.contains("[ARGS]") else {
                return CallGrammar(
                    marker: "[TOOL_CALLS]",
                    opening: "[TOOL_CALLS][",
                    separator: ", ",
                    closing: "]",
                    before: ["{\"name\": \"", .name, "\", \"arguments\": "],
                    after: "}",
                )
            }
            return CallGrammar(
                marker: "[TOOL_CALLS]",
                separator: "",
                before: ["[TOOL_CALLS]", .name, "[ARGS]"],
                after: "",
            )
        }
        format.ids = .nineLetters
        return format
    }()
}

/// Reads either of Mistral's formats, by the first byte.
private struct MistralCalls: CallReader {
    private let style: HeadedCalls.Style
    private var reader: (any CallReader)?

    init(_ style: HeadedCalls.Style) { self.style = style }

    mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        if reader == nil {
            if byte.isSpace { return .more }
            reader = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") ? JSONCalls() : HeadedCalls(style)
        }
        return reader?.take(byte, &calls) ?? .fault
    }

    mutating func finish(_ calls: inout CallSink) -> Bool { reader?.finish(&calls) ?? false }
}

extension Substring {
    /// Without white space at either end.
    fileprivate var trimmed: String { String(decoding: Array(utf8).trimmed, as: UTF8.self) }
}
