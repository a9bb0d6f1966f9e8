/// A set of small numbers as bits.
struct NumberSet: Sendable, Hashable {
    private(set) var words: [UInt64]

    /// No number below a bound.
    init(bound: Int) { words = [UInt64](repeating: 0, count: (bound + 63) / 64) }

    subscript(_ number: Int) -> Bool {
        get { words[number / 64] >> UInt64(number % 64) & 1 == 1 }
        set {
            let bit: UInt64 = 1 << UInt64(number % 64)
            if newValue { words[number / 64] |= bit } else { words[number / 64] &= ~bit }
        }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    mutating func formUnion(_ other: NumberSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    func union(_ other: NumberSet) -> NumberSet {
        var result = self
        result.formUnion(other)
        return result
    }

    func subtracting(_ other: NumberSet) -> NumberSet {
        var result = self
        for index in words.indices { result.words[index] &= ~other.words[index] }
        return result
    }

    /// Whether any number of a range is in the set.
    func containsAny(of range: Range<Int32>) -> Bool {
        var next = Int(range.lowerBound)
        let end = Int(range.upperBound)
        while next < end {
            let rest = words[next / 64] >> UInt64(next % 64)
            let width = min(64 - next % 64, end - next)
            if width == 64 ? rest != 0 : rest & ((1 << UInt64(width)) - 1) != 0 { return true }
            next += width
        }
        return false
    }
}
