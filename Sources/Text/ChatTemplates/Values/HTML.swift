/// Escaping as the `escape` filter does it; chat templates seldom do.
extension Interpreter {
    /// The text with HTML's five special characters replaced; what is markup already stays.
    func escaped(_ text: Text, always: Bool = false) throws(TemplateError) -> Text {
        if text.isMarkup, !always { return text }
        try charge(bytes: text.bytes.count)
        let length = text.bytes.reduce(0) { $0 + (HTML.escape(of: $1)?.utf8CodeUnitCount ?? 1) }
        try checkLength(length)
        try charge(bytes: length)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        for byte in text.bytes {
            if let escape = HTML.escape(of: byte) {
                escape.withUTF8Buffer { bytes.append(contentsOf: $0) }
            } else {
                bytes.append(byte)
            }
        }
        return Text(bytes: bytes, isMarkup: true, memory)
    }
}

/// What HTML's special characters are written as, and taking away what marks it up.
enum HTML {
    /// What is written for a byte that has a meaning of its own.
    fileprivate static func escape(of byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "'"): "&#39;"
        case UInt8(ascii: "\""): "&#34;"
        default: nil
        }
    }

    /// The text without comments and tags, its whitespace collapsed, and the escapes of `escaped` undone.
    static func withoutTags(_ text: [UInt8], _ interpreter: Interpreter) throws(TemplateError) -> [UInt8] {
        var bytes = removing(from: text, "<!--", "-->")
        bytes = removing(from: bytes, "<", ">")
        bytes = collapsed(bytes)
        for (entity, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#34;", "\""), ("&quot;", "\""), ("&apos;", "'"),
            ("&nbsp;", "\u{A0}"), ("&amp;", "&"),
        ] {
            let (old, new) = (Array(entity.utf8), Array(character.utf8))
            bytes = try StringTools.replacing(old, by: new, in: bytes, limit: nil, interpreter)
        }
        return bytes
    }

    /// The text with single blanks for its whitespace, and none at the ends.
    private static func collapsed(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = Whitespace.end(in: text, from: 0)
        while index < text.count {
            let (value, length) = UTF8Text.scalar(in: text, at: index)
            if Whitespace.contains(value) {
                index = Whitespace.end(in: text, from: index)
                if index < text.count { bytes.append(0x20) }
            } else {
                bytes += text[index..<index + length]
                index += length
            }
        }
        return bytes
    }

    private static func removing(from text: [UInt8], _ open: String, _ close: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var position = 0
        while let start = text.firstRange(of: Array(open.utf8), from: position),
            let end = text.firstRange(of: Array(close.utf8), from: start.upperBound)
        {
            bytes += text[position..<start.lowerBound]
            position = end.upperBound
        }
        return bytes + text[position...]
    }
}
