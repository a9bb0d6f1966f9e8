/// Stretches of a text that no control token may touch.
struct PlainRanges: Sendable {
    private let ranges: [Range<Int>]

    /// Ascending and disjoint ranges.
    init(_ ranges: [Range<Int>]) { self.ranges = ranges.filter { !$0.isEmpty } }

    var isEmpty: Bool { ranges.isEmpty }

    func touch(_ range: Range<Int>) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound < range.upperBound
    }
}

/// Text made valid UTF-8.
enum ValidText {
    /// A text with U+FFFD for what isn't UTF-8, and ranges of the old in the new.
    static func repaired(_ text: [UInt8], _ ranges: [Range<Int>]) -> ([UInt8], [Range<Int>]) {
        if String(validating: text, as: UTF8.self) != nil { return (text, ranges) }
        // Ranges are ascending, so their borders are met in order.
        let borders = ranges.flatMap { [$0.lowerBound, $0.upperBound] }
        var moved: [Int] = []
        var output: [UInt8] = []
        var from = 0
        for border in borders + [text.count] {
            let border = min(max(border, from), text.count)
            output.append(contentsOf: String(decoding: text[from..<border], as: UTF8.self).utf8)
            moved.append(output.count)
            from = border
        }
        return (output, ranges.indices.map { moved[2 * $0]..<moved[2 * $0 + 1] })
    }
}
