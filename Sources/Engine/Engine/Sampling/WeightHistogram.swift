/// Token weights sorted roughly into buckets, so that filters and draws need no sort of the vocabulary.
///
/// A weight is `exp((logit - greatest) / temperature)`, between 0 and 1. The upper bits of its floating-point pattern
/// are its bucket, 16 to each power of two, in the order of the weights. A filter keeps the beginning of the order
/// "greater weight first, then lower id", so it is known by the lowest bucket it keeps and what it keeps of that one;
/// only that bucket is ever sorted. Tokens whose weights round to the same number count as equal.
///
/// The weights may be those of the heavy tokens only, with the sum of the others': that mostly suffices. When it doesn't,
/// all are needed. Both are exact, and which one is taken depends on the weights alone.
struct WeightHistogram {
    private static let bucketCount = 2033

    private var counts = [Int32](repeating: 0, count: bucketCount)
    private var sums = [Double](repeating: 0, count: bucketCount)
    /// The lowest bucket of which something is kept.
    private var lowest = 0
    /// What is kept of it, best first; `nil` for all of it.
    private var kept: [WeightedToken]?
    /// The least weight that is in a bucket, and the sum of the kept weights below it.
    private var floor: Float = 0
    private var tail = 0.0

    /// Chooses one of some tokens: keeps the `topK` heaviest (0: all), of these the heaviest up to a share of `topP`, of
    /// these the ones that weigh at least `minP` of the heaviest, and draws from what is left with `random` in [0, 1).
    ///
    /// - Parameters:
    ///   - weights: The tokens' weights by ascending id; those below `floor` are passed over.
    ///   - tail: The weight of all tokens below `floor`.
    /// - Returns: the token's place in `weights`; `nil` when tokens below `floor` matter, or nothing weighs anything.
    mutating func choose(
        _ weights: UnsafeBufferPointer<Float>,
        floor: Float,
        tail: Double,
        topK: Int,
        topP: Float,
        minP: Float,
        random: Double,
    ) -> Int? {
        fill(weights, from: floor)
        self.tail = tail
        guard topK == 0 || keep(topK, weights) else { return nil }
        guard topP >= 1 || keep(share: Double(topP), weights) else { return nil }
        guard minP == 0 || keep(from: min(minP, 1), weights) else { return nil }
        return draw(random, weights).map(Int.init)
    }

    private static func bucket(_ weight: Float) -> Int { min(Int(weight.bitPattern >> 19), bucketCount - 1) }

    private mutating func fill(_ weights: UnsafeBufferPointer<Float>, from floor: Float) {
        var lowest = Self.bucketCount - 1
        counts.withUnsafeMutableBufferPointer { counts in
            sums.withUnsafeMutableBufferPointer { sums in
                counts.update(repeating: 0)
                sums.update(repeating: 0)
                for weight in weights where weight >= floor && weight > 0 {
                    let bucket = Self.bucket(weight)
                    counts[bucket] &+= 1
                    sums[bucket] += Double(weight)
                    lowest = min(lowest, bucket)
                }
            }
        }
        self.lowest = lowest
        self.floor = floor
        kept = nil
    }

    /// Keeps the first `count` tokens; false when the buckets don't tell which.
    private mutating func keep(_ count: Int, _ weights: UnsafeBufferPointer<Float>) -> Bool {
        var before = 0
        for bucket in (lowest..<Self.bucketCount).reversed() {
            let inside = Int(counts[bucket])
            if before + inside >= count {
                cut(at: bucket, to: Array(members(bucket, weights).heaviestFirst().prefix(count - before)))
                return true
            }
            before += inside
        }
        return tail == 0
    }

    /// Keeps the shortest beginning that has a share of the kept weight; false when the buckets don't tell which.
    private mutating func keep(share: Double, _ weights: UnsafeBufferPointer<Float>) -> Bool {
        let target = share * total
        var before = 0.0
        for bucket in (lowest..<Self.bucketCount).reversed() where counts[bucket] > 0 {
            let sum = keptSum(bucket)
            if before + sum >= target {
                var entries = keptMembers(bucket, weights).heaviestFirst()
                var running = before
                let end = entries.firstIndex { entry in
                    running += Double(entry.weight)
                    return running >= target
                }
                if let end { entries.removeSubrange((end + 1)...) }
                cut(at: bucket, to: entries)
                return true
            }
            before += sum
        }
        return tail == 0
    }

    /// Keeps the tokens that weigh at least `weight`; false when the buckets don't tell which.
    private mutating func keep(from weight: Float, _ weights: UnsafeBufferPointer<Float>) -> Bool {
        let bucket = Self.bucket(weight)
        guard weight >= floor || tail == 0 else { return false }
        guard bucket >= lowest else {
            tail = 0
            return true
        }
        cut(at: bucket, to: keptMembers(bucket, weights).filter { $0.weight >= weight })
        return true
    }

    /// The token at `random` of the kept weight; `nil` when it is below the buckets.
    private func draw(_ random: Double, _ weights: UnsafeBufferPointer<Float>) -> Int32? {
        let target = random * total
        var before = 0.0
        var last: Int32?
        for bucket in (lowest..<Self.bucketCount).reversed() where counts[bucket] > 0 {
            let sum = keptSum(bucket)
            guard before + sum > target || bucket == lowest else {
                before += sum
                continue
            }
            for entry in keptMembers(bucket, weights) {
                before += Double(entry.weight)
                last = entry.token
                if before > target { return entry.token }
            }
        }
        // Without a tail only rounding leads here, and the last token that could be drawn is it.
        return tail == 0 ? last : nil
    }

    private var total: Double {
        (lowest..<Self.bucketCount).reversed().reduce(tail) { $0 + keptSum($1) }
    }

    private func keptSum(_ bucket: Int) -> Double {
        guard bucket == lowest, let kept else { return sums[bucket] }
        return kept.reduce(0) { $0 + Double($1.weight) }
    }

    private mutating func cut(at bucket: Int, to entries: [WeightedToken]) {
        lowest = bucket
        kept = entries
        tail = 0
    }

    private func keptMembers(_ bucket: Int, _ weights: UnsafeBufferPointer<Float>) -> [WeightedToken] {
        if bucket == lowest, let kept { return kept }
        return members(bucket, weights)
    }

    /// A bucket's tokens by id, without those that are too light to be in it now.
    private func members(_ bucket: Int, _ weights: UnsafeBufferPointer<Float>) -> [WeightedToken] {
        var entries: [WeightedToken] = []
        entries.reserveCapacity(Int(counts[bucket]))
        let low = max(Float(bitPattern: UInt32(bucket) << 19), floor, .leastNonzeroMagnitude)
        let isTop = bucket == Self.bucketCount - 1
        let high = isTop ? Float.infinity : Float(bitPattern: UInt32(bucket + 1) << 19)
        for position in weights.indices where weights[position] >= low && weights[position] < high {
            entries.append(WeightedToken(weight: weights[position], token: Int32(position)))
        }
        return entries
    }
}
