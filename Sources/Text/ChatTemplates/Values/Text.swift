/// A text as templates see it: code points, compared one by one, never as what they look like.
struct Text: Sendable {
    /// Valid UTF-8.
    var bytes: [UInt8]
    /// Whether the text is safe HTML, which escapes what is added to it.
    var isMarkup = false

    init(bytes: [UInt8], isMarkup: Bool = false) {
        self.bytes = bytes
        self.isMarkup = isMarkup
    }

    init(_ text: String) { bytes = Array(text.utf8) }

    /// How many code points there are.
    var count: Int { UTF8Text.count(bytes) }

    var isEmpty: Bool { bytes.isEmpty }

    var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

    var scalars: [UInt32] { UTF8Text.scalars(bytes) }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The code points in a range of code points.
    func slice(_ range: Range<Int>) -> Text {
        if isASCII { return Text(bytes: Array(bytes[range]), isMarkup: isMarkup) }
        let start = byteOffset(of: range.lowerBound)
        return Text(bytes: Array(bytes[start..<byteOffset(of: range.upperBound)]), isMarkup: isMarkup)
    }

    /// The byte where a code point starts.
    func byteOffset(of scalar: Int) -> Int {
        var remaining = scalar
        for (index, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            if remaining == 0 { return index }
            remaining -= 1
        }
        return bytes.count
    }
}

extension Text: Hashable, Comparable {
    static func == (left: Text, right: Text) -> Bool { left.bytes == right.bytes }

    static func < (left: Text, right: Text) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
