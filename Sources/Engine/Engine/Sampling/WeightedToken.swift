/// A token and its weight.
struct WeightedToken {
    var weight: Float
    var token: Int32
}

extension [WeightedToken] {
    /// The tokens of one bucket, given by id, with the heaviest first and lower ids first among equals.
    ///
    /// Many are sorted by counting, in time that grows with their number only: a flat distribution has most of the
    /// vocabulary in one bucket, and a request mustn't hold up the others by asking for one.
    func heaviestFirst() -> [WeightedToken] {
        guard count > 256 else { return sorted { ($1.weight, $0.token) < ($0.weight, $1.token) } }
        // Within a bucket weights differ in the lower 19 bits only; twice by ten bits covers them.
        return sortedByDigit(shift: 0).sortedByDigit(shift: 10)
    }

    /// Sorts by ten bits of the weight's pattern, greatest first, keeping the order of equals.
    private func sortedByDigit(shift: UInt32) -> [WeightedToken] {
        func digit(_ entry: WeightedToken) -> Int { Int(~(entry.weight.bitPattern >> shift) & 1023) }
        var starts = [Int](repeating: 0, count: 1025)
        for entry in self { starts[digit(entry) + 1] += 1 }
        for position in 1..<starts.count { starts[position] += starts[position - 1] }
        var result = self
        for entry in self {
            result[starts[digit(entry)]] = entry
            starts[digit(entry)] += 1
        }
        return result
    }
}
