/// Searching, cutting and changing UTF-8 text as Python's `str` does.
enum StringTools {
    /// Pieces between separators; with a limit the rest stays in one piece at the end, or at the start from the end.
    static func split(_ text: [UInt8], by separator: [UInt8], limit: Int?, fromEnd: Bool) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var remaining = limit ?? .max
        if fromEnd {
            var end = text.count
            while remaining > 0, let found = text.lastRange(of: separator, to: end) {
                pieces.append(Array(text[found.upperBound..<end]))
                end = found.lowerBound
                remaining -= 1
            }
            pieces.append(Array(text[..<end]))
            return pieces.reversed()
        }
        var start = 0
        while remaining > 0, let found = text.firstRange(of: separator, from: start) {
            pieces.append(Array(text[start..<found.lowerBound]))
            start = found.upperBound
            remaining -= 1
        }
        pieces.append(Array(text[start...]))
        return pieces
    }

    /// Pieces between runs of whitespace.
    static func splitWhitespace(_ text: [UInt8], limit: Int?, fromEnd: Bool) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var remaining = limit ?? .max
        var start = Whitespace.end(in: text, from: 0)
        var end = Whitespace.trailingStart(in: text, start..<text.count)
        while start < end {
            guard remaining > 0 else {
                // The rest keeps the whitespace on its far side.
                pieces.append(Array(fromEnd ? text[..<end] : text[start...]))
                break
            }
            if fromEnd {
                var first = end
                while first > start {
                    let before = previousScalar(text, first)
                    if Whitespace.contains(UTF8Text.scalar(in: text, at: before).value) { break }
                    first = before
                }
                pieces.append(Array(text[first..<end]))
                end = Whitespace.trailingStart(in: text, start..<first)
            } else {
                var last = start
                while last < end {
                    let (value, length) = UTF8Text.scalar(in: text, at: last)
                    if Whitespace.contains(value) { break }
                    last += length
                }
                pieces.append(Array(text[start..<last]))
                start = Whitespace.end(in: text, from: last)
            }
            remaining -= 1
        }
        return fromEnd ? pieces.reversed() : pieces
    }

    private static func previousScalar(_ text: [UInt8], _ index: Int) -> Int {
        var start = index - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    /// Lines, without what ends them unless asked for.
    static func lines(_ text: [UInt8], keepingEnds: Bool = false) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        var index = 0
        while index < text.count {
            let (value, length) = UTF8Text.scalar(in: text, at: index)
            switch value {
            case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
                var end = index + length
                if value == 0x0D, end < text.count, text[end] == 0x0A { end += 1 }
                lines.append(Array(text[start..<(keepingEnds ? end : index)]))
                start = end
                index = end
            default: index += length
            }
        }
        if start < text.count { lines.append(Array(text[start...])) }
        return lines
    }

    /// The text with a part replaced wherever it occurs, or the first so many times.
    static func replacing(_ old: [UInt8], by new: [UInt8], in text: [UInt8], limit: Int?) -> [UInt8] {
        var remaining = limit ?? .max
        var result: [UInt8] = []
        if old.isEmpty {
            // Between all code points, and at both ends.
            for byte in text {
                if byte & 0xC0 != 0x80, remaining > 0 {
                    result += new
                    remaining -= 1
                }
                result.append(byte)
            }
            return remaining > 0 ? result + new : result
        }
        var start = 0
        while remaining > 0, let found = text.firstRange(of: old, from: start) {
            result += text[start..<found.lowerBound]
            result += new
            start = found.upperBound
            remaining -= 1
        }
        return start == 0 ? text : result + text[start...]
    }

    /// How often a part occurs without overlaps.
    static func count(_ part: [UInt8], in text: [UInt8]) -> Int {
        if part.isEmpty { return UTF8Text.count(text) + 1 }
        var count = 0
        var start = 0
        while let found = text.firstRange(of: part, from: start) {
            count += 1
            start = found.upperBound
        }
        return count
    }

    /// The text without these code points, or whitespace, at its ends.
    static func stripped(_ text: [UInt8], of characters: [UInt8]?, start: Bool, end: Bool) -> [UInt8] {
        let set = characters.map { Set(UTF8Text.scalars($0)) }
        func strips(_ index: Int) -> Bool {
            let value = UTF8Text.scalar(in: text, at: index).value
            return set?.contains(value) ?? Whitespace.contains(value)
        }
        var lower = 0
        var upper = text.count
        while start, lower < upper, strips(lower) { lower += UTF8Text.scalar(in: text, at: lower).length }
        while end, upper > lower, case let before = previousScalar(text, upper), strips(before) { upper = before }
        return Array(text[lower..<upper])
    }
}
