/// What Python's `str.isspace` and the `\s` of its regular expressions count as whitespace, in UTF-8.
enum Whitespace {
    /// Whether a code point is whitespace.
    static func contains(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// The first place at or after `start` that isn't whitespace.
    static func end(in bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            let scalar = UTF8Text.scalar(in: bytes, at: index)
            guard contains(scalar.value) else { return index }
            index += scalar.length
        }
        return min(index, bytes.count)
    }

    /// Where the whitespace at the end of a range begins.
    static func trailingStart(in bytes: [UInt8], _ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound {
            var start = end - 1
            while start > range.lowerBound, bytes[start] & 0xC0 == 0x80 { start -= 1 }
            guard contains(UTF8Text.scalar(in: bytes, at: start).value) else { return end }
            end = start
        }
        return end
    }
}
