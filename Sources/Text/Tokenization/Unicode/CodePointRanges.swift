/// A set of code points as disjoint ranges in ascending order.
struct CodePointRanges: Sendable, Equatable {
    /// One more than the last code point.
    static let limit: UInt32 = 0x11_0000

    private(set) var ranges: [Range<UInt32>]

    /// Any ranges, in any order; what is beyond Unicode is left out.
    init(_ ranges: [Range<UInt32>] = []) {
        var joined: [Range<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let range = range.clamped(to: 0..<Self.limit)
            if range.isEmpty { continue }
            if let last = joined.last, last.upperBound >= range.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        self.ranges = joined
    }

    init(_ scalar: UInt32) { self.init([scalar..<scalar + 1]) }

    /// All code points whose general category satisfies a condition.
    init(categories holds: (GeneralCategory) -> Bool) {
        self.init(GeneralCategory.runs.filter { holds($0.category) }.map { $0.range })
    }

    /// All code points of some eras.
    init(eras holds: (GeneralCategory.Era) -> Bool) {
        self.init(GeneralCategory.eras.filter { holds($0.era) }.map { $0.range })
    }

    var complement: CodePointRanges {
        var gaps: [Range<UInt32>] = []
        var from: UInt32 = 0
        for range in ranges {
            gaps.append(from..<range.lowerBound)
            from = range.upperBound
        }
        gaps.append(from..<Self.limit)
        return CodePointRanges(gaps)
    }

    func contains(_ scalar: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar)
    }

    func union(_ other: CodePointRanges) -> CodePointRanges { CodePointRanges(ranges + other.ranges) }

    func intersection(_ other: CodePointRanges) -> CodePointRanges {
        complement.union(other.complement).complement
    }

    func subtracting(_ other: CodePointRanges) -> CodePointRanges { intersection(other.complement) }
}

/// A set of code points for asking: one bit each in blocks of 256, equal blocks stored once.
struct CodePointMap: Sendable {
    private var blocks: [UInt16] = []
    private var bits: [UInt64] = []

    init(_ set: CodePointRanges) {
        var words = [UInt64](repeating: 0, count: Int(CodePointRanges.limit) / 64)
        for range in set.ranges { Self.fill(&words, Int(range.lowerBound), Int(range.upperBound)) }
        var known: [[UInt64]: UInt16] = [:]
        for first in stride(from: 0, to: words.count, by: 4) {
            let block = Array(words[first..<first + 4])
            // Most blocks are like the one before.
            if let last = blocks.last, bits[(Int(last) << 2)..<(Int(last) << 2 + 4)].elementsEqual(block) {
                blocks.append(last)
                continue
            }
            if let index = known[block] {
                blocks.append(index)
                continue
            }
            let index = UInt16(truncatingIfNeeded: known.count)
            known[block] = index
            blocks.append(index)
            bits.append(contentsOf: block)
        }
    }

    private static func fill(_ words: inout [UInt64], _ from: Int, _ to: Int) {
        var place = from
        while place < to {
            let end = min(to, (place | 63) + 1)
            let mask = UInt64.max << UInt64(place & 63) & UInt64.max >> UInt64((64 - end & 63) & 63)
            words[place >> 6] |= mask
            place = end
        }
    }

    /// Whether a code point is in the set; none beyond Unicode is.
    @inline(__always)
    func contains(_ scalar: UInt32) -> Bool {
        if scalar >= CodePointRanges.limit { return false }
        let word = bits[Int(blocks[Int(scalar >> 8)]) << 2 | Int(scalar >> 6 & 3)]
        return word >> UInt64(scalar & 63) & 1 == 1
    }
}
