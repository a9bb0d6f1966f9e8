/// What is looked for in a text: itself, or by a regular expression.
enum TextPattern: Sendable {
    case literal([UInt8])
    case expression(RegularExpression)

    /// A text with each place that fits replaced.
    func replace(in text: NormalizedText, with content: [UInt8], _ poll: inout CancellationPoll) -> NormalizedText {
        var from = 0
        return text.rewritten { rewriter in
            forEachMatch(in: text.bytes, &poll) { range in
                rewriter.copy(from..<range.lowerBound)
                // As in the library what is put in comes of the last character found.
                let last = text.bytes[range].lastIndex { $0 & 0xC0 != 0x80 } ?? range.lowerBound
                rewriter.put(content, from: last)
                from = range.upperBound
            }
            rewriter.copy(from..<text.bytes.count)
        }
    }

    /// Calls for each match in order, as places in the bytes.
    private func forEachMatch(in text: [UInt8], _ poll: inout CancellationPoll, _ body: (Range<Int>) -> Void) {
        switch self {
        case .literal(let key):
            var place = 0
            while let found = ByteSearch.first(key, in: text, from: place) {
                body(found..<found + key.count)
                place = found + key.count
            }
        case .expression(let expression):
            let points = CodePoints(text, .latest)
            var matcher = expression.matcher()
            points.forEachMatch(in: 0..<points.count, &matcher, &poll) { range in
                body(Int(points.starts[range.lowerBound])..<Int(points.starts[range.upperBound]))
            }
        }
    }

    /// Most bytes that become one when replaced by so many; `nil` when they may vanish.
    func shrinkage(to count: Int) -> Int? {
        guard case .literal(let key) = self, count > 0 else { return nil }
        return max(1, (key.count + count - 1) / count)
    }
}

/// Finds bytes in bytes.
enum ByteSearch {
    /// The first place from `from` on where the key is; keys have no more than a few bytes.
    static func first(_ key: [UInt8], in text: [UInt8], from: Int) -> Int? {
        guard let lead = key.first else { return nil }
        var place = from
        while place + key.count <= text.count {
            if text[place] == lead, text[place..<place + key.count].elementsEqual(key) { return place }
            place += 1
        }
        return nil
    }
}

extension CodePoints {
    /// Calls for each match in a stretch of the text, beyond which there is nothing for the expression.
    func forEachMatch(
        in range: Range<Int>,
        _ matcher: inout ExpressionMatcher,
        _ poll: inout CancellationPoll,
        _ body: (Range<Int>) -> Void,
    ) {
        scalars.withUnsafeBufferPointer { scalars in
            classes.withUnsafeBufferPointer { classes in
                let window = SplitWindow(scalars, classes, range.lowerBound, range.upperBound)
                matcher.forEachMatch(in: window, &poll, body)
            }
        }
    }
}
