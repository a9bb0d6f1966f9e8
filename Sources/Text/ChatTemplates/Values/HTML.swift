/// Escaping as the `escape` filter does it; chat templates seldom do.
enum HTML {
    /// The text with HTML's five special characters replaced; what is markup already stays.
    static func escaped(_ text: Text, always: Bool = false) -> Text {
        if text.isMarkup, !always { return text }
        var bytes: [UInt8] = []
        for byte in text.bytes {
            switch byte {
            case UInt8(ascii: "&"): bytes += Array("&amp;".utf8)
            case UInt8(ascii: "<"): bytes += Array("&lt;".utf8)
            case UInt8(ascii: ">"): bytes += Array("&gt;".utf8)
            case UInt8(ascii: "'"): bytes += Array("&#39;".utf8)
            case UInt8(ascii: "\""): bytes += Array("&#34;".utf8)
            default: bytes.append(byte)
            }
        }
        return Text(bytes: bytes, isMarkup: true)
    }

    /// The text without comments and tags, its whitespace collapsed, and the escapes of `escaped` undone.
    static func withoutTags(_ text: [UInt8]) -> [UInt8] {
        var bytes = removing(from: text, "<!--", "-->")
        bytes = removing(from: bytes, "<", ">")
        let words = StringTools.splitWhitespace(bytes, limit: nil, fromEnd: false)
        bytes = Array(words.joined(separator: [0x20]))
        for (entity, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#34;", "\""), ("&quot;", "\""), ("&apos;", "'"),
            ("&nbsp;", "\u{A0}"), ("&amp;", "&"),
        ] {
            bytes = StringTools.replacing(Array(entity.utf8), by: Array(character.utf8), in: bytes, limit: nil)
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
