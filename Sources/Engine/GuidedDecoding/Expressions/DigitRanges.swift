/// Ranges of numbers as ranges of their digits.
enum DigitRanges {
    /// The numbers of a range as products of ranges of digits, the highest digit first.
    ///
    /// - Parameters:
    ///   - bits: bits of a digit; the highest digit has what is left.
    ///   - count: number of digits.
    static func products(_ range: ClosedRange<UInt32>, bits: UInt32, count: Int) -> [[ClosedRange<UInt32>]] {
        var done: [[ClosedRange<UInt32>]] = []
        var open = [range]
        while let range = open.popLast() {
            if let (low, high) = cut(range, bits: bits, count: count) {
                open.append(high)
                open.append(low)
            } else {
                done.append(
                    (0..<count).reversed().map { position in
                        let shift = UInt32(position) * bits
                        let mask: UInt32 = position == count - 1 ? .max : (1 << bits) - 1
                        return (range.lowerBound >> shift & mask)...(range.upperBound >> shift & mask)
                    }
                )
            }
        }
        return done
    }

    /// Two parts of a range that isn't a product of ranges of digits; nil if it is.
    private static func cut(
        _ range: ClosedRange<UInt32>,
        bits: UInt32,
        count: Int
    ) -> (ClosedRange<UInt32>, ClosedRange<UInt32>)? {
        let (low, high) = (range.lowerBound, range.upperBound)
        for position in 1..<max(1, UInt32(count)) {
            let mask: UInt32 = (1 << (bits * position)) - 1
            guard low & ~mask != high & ~mask else { continue }
            if low & mask != 0 { return (low...(low | mask), ((low | mask) + 1)...high) }
            if high & mask != mask { return (low...((high & ~mask) - 1), (high & ~mask)...high) }
        }
        return nil
    }
}
