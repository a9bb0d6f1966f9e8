/// A set of Unicode scalar values as sorted ranges that neither touch nor overlap; surrogates are never in it.
package struct ScalarSet: Sendable, Hashable {
    /// The ranges, in order.
    package private(set) var ranges: [ClosedRange<UInt32>]

    /// The scalars of any ranges.
    package init(_ ranges: [ClosedRange<UInt32>] = []) {
        self.ranges = []
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.lowerBound <= 0x10FFFF {
            let range = range.lowerBound...min(range.upperBound, 0x10FFFF)
            if let last = merged.last, range.lowerBound <= last.upperBound &+ 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged.flatMap(Self.withoutSurrogates)
    }

    /// One scalar.
    package init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    /// Every scalar of a string.
    package init(of text: String) { self.init(text.unicodeScalars.map { $0.value...$0.value }) }

    /// All scalars.
    package static let all = ScalarSet([0...0x10FFFF])

    private static func withoutSurrogates(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
        guard range.upperBound >= 0xD800, range.lowerBound <= 0xDFFF else { return [range] }
        var parts: [ClosedRange<UInt32>] = []
        if range.lowerBound < 0xD800 { parts.append(range.lowerBound...0xD7FF) }
        if range.upperBound > 0xDFFF { parts.append(0xE000...range.upperBound) }
        return parts
    }

    /// Whether no scalar is in the set.
    package var isEmpty: Bool { ranges.isEmpty }

    /// Whether a scalar is in the set.
    package func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar.value) } }

    /// The scalars in either set.
    package func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    /// All scalars that aren't in the set.
    package var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return ScalarSet(gaps)
    }

    /// The scalars in both sets.
    package func intersection(_ other: ScalarSet) -> ScalarSet {
        var common: [ClosedRange<UInt32>] = []
        var left = 0
        var right = 0
        while left < ranges.count, right < other.ranges.count {
            let (a, b) = (ranges[left], other.ranges[right])
            let lower = max(a.lowerBound, b.lowerBound)
            let upper = min(a.upperBound, b.upperBound)
            if lower <= upper { common.append(lower...upper) }
            if a.upperBound < b.upperBound { left += 1 } else { right += 1 }
        }
        return ScalarSet(common)
    }

    /// The scalars of this set that aren't in another.
    package func subtracting(_ other: ScalarSet) -> ScalarSet { intersection(other.inverted) }
}
