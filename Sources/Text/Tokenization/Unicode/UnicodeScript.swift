/// The scripts that published expressions name, in the order of the packed table; Unicode 16.0.
enum UnicodeScript: String, CaseIterable, Sendable {
    case arabic, bengali, cyrillic, devanagari, greek, han, hangul, hebrew, hiragana, katakana, latin, thai

    /// The code points of each script.
    static let sets: [CodePointRanges] = {
        var numbers = PackedNumbers(packed)
        return allCases.map { _ in
            var ranges: [Range<UInt32>] = []
            var from: UInt32 = 0
            for run in 0..<numbers.next() {
                let to = from + numbers.next()
                if run & 1 == 1 { ranges.append(from..<to) }
                from = to
            }
            return CodePointRanges(ranges)
        }
    }()
}
