/// Searching, cutting and changing UTF-8 text as Python's `str` does.
enum StringTools {
    /// Pieces between separators; with a limit the rest stays in one piece at the end, or at the start from the end.
    static func split(
        _ text: [UInt8],
        by separator: [UInt8],
        limit: Int?,
        fromEnd: Bool,
        _ interpreter: Interpreter
    ) throws(TemplateError) -> [Value] {
        var pieces = Collector(interpreter)
        var remaining = limit ?? .max
        if fromEnd {
            var end = text.count
            while remaining > 0, let found = text.lastRange(of: separator, to: end) {
                try pieces.append(text[found.upperBound..<end])
                end = found.lowerBound
                remaining -= 1
            }
            try pieces.append(text[..<end])
            return pieces.values.reversed()
        }
        var start = 0
        while remaining > 0, let found = text.firstRange(of: separator, from: start) {
            try pieces.append(text[start..<found.lowerBound])
            start = found.upperBound
            remaining -= 1
        }
        try pieces.append(text[start...])
        return pieces.values
    }

    /// Pieces between runs of whitespace.
    static func splitWhitespace(
        _ text: [UInt8],
        limit: Int?,
        fromEnd: Bool,
        _ interpreter: Interpreter
    ) throws(TemplateError) -> [Value] {
        var pieces = Collector(interpreter)
        var remaining = limit ?? .max
        var start = Whitespace.end(in: text, from: 0)
        var end = Whitespace.trailingStart(in: text, start..<text.count)
        while start < end {
            guard remaining > 0 else {
                // The rest keeps the whitespace on its far side.
                try pieces.append(fromEnd ? text[..<end] : text[start...])
                break
            }
            if fromEnd {
                var first = end
                while first > start {
                    let before = UTF8Text.start(in: text, before: first)
                    if Whitespace.contains(UTF8Text.scalar(in: text, at: before).value) { break }
                    first = before
                }
                try pieces.append(text[first..<end])
                end = Whitespace.trailingStart(in: text, start..<first)
            } else {
                var last = start
                while last < end {
                    let (value, length) = UTF8Text.scalar(in: text, at: last)
                    if Whitespace.contains(value) { break }
                    last += length
                }
                try pieces.append(text[start..<last])
                start = Whitespace.end(in: text, from: last)
            }
            remaining -= 1
        }
        return fromEnd ? pieces.values.reversed() : pieces.values
    }

    /// Hands over line after line, without what ends them unless asked for.
    static func eachLine(
        _ text: [UInt8],
        keepingEnds: Bool = false,
        _ take: (ArraySlice<UInt8>) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        var start = 0
        var index = 0
        while index < text.count {
            let (value, length) = UTF8Text.scalar(in: text, at: index)
            switch value {
            case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
                var end = index + length
                if value == 0x0D, end < text.count, text[end] == 0x0A { end += 1 }
                try take(text[start..<(keepingEnds ? end : index)])
                start = end
                index = end
            default: index += length
            }
        }
        if start < text.count { try take(text[start...]) }
    }

    /// The text with a part replaced wherever it occurs, or the first so many times.
    static func replacing(
        _ old: [UInt8],
        by new: [UInt8],
        in text: [UInt8],
        limit: Int?,
        _ interpreter: Interpreter
    ) throws(TemplateError) -> [UInt8] {
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
            try interpreter.charge(1)
            result += text[start..<found.lowerBound]
            result += new
            start = found.upperBound
            remaining -= 1
        }
        return start == 0 ? text : result + text[start...]
    }

    /// How often a part occurs without overlaps.
    static func count(
        _ part: [UInt8],
        in text: [UInt8],
        _ interpreter: Interpreter
    ) throws(TemplateError) -> Int {
        if part.isEmpty { return UTF8Text.count(text) + 1 }
        var count = 0
        var start = 0
        while let found = text.firstRange(of: part, from: start) {
            try interpreter.charge(1)
            count += 1
            start = found.upperBound
        }
        return count
    }

    /// The text without these code points, or whitespace, at its ends.
    static func stripped(_ text: [UInt8], of characters: [UInt8]?, start: Bool, end: Bool) -> [UInt8] {
        let set = characters.map { Set(UTF8Text.Scalars($0)) }
        func strips(_ index: Int) -> Bool {
            let value = UTF8Text.scalar(in: text, at: index).value
            return set?.contains(value) ?? Whitespace.contains(value)
        }
        var lower = 0
        var upper = text.count
        while start, lower < upper, strips(lower) { lower += UTF8Text.scalar(in: text, at: lower).length }
        while end, upper > lower, case let before = UTF8Text.start(in: text, before: upper), strips(before) {
            upper = before
        }
        return Array(text[lower..<upper])
    }
}
