/// Token weights sorted roughly into buckets, so that filters and draws need no sort of the vocabulary.
///
/// A weight is `exp((logit - greatest) / temperature)`, between 0 and 1. The upper bits of its floating-point pattern
/// are its bucket, 16 to each power of two, in the order of the weights. A filter keeps the beginning of the order
/// "greater weight first, then lower id", so it is known by the lowest bucket it keeps and what it keeps of that one;
/// only that bucket is ever sorted. Exact for any vocabulary, and the sums are made in one fixed order.
struct WeightHistogram {
    private static let bucketCount = 2033

    private struct Entry {
        var weight: Float
        var token: Int32
    }

    private var counts = [Int32](repeating: 0, count: bucketCount)
    private var sums = [Double](repeating: 0, count: bucketCount)
    /// The lowest bucket of which something is kept.
    private var lowest = 0
    /// What is kept of it, best first; `nil` for all of it.
    private var kept: [Entry]?

    /// Chooses a token: keeps the `topK` heaviest (0: all), of these the heaviest up to a share of `topP`, of these the
    /// ones that weigh at least `minP` of the heaviest, and draws from what is left with `random` in [0, 1).
    mutating func choose(
        _ weights: UnsafeBufferPointer<Float>,
        topK: Int,
        topP: Float,
        minP: Float,
        random: Double,
    ) -> Int32 {
        fill(weights)
        if topK > 0 { keep(topK, weights) }
        if topP < 1 { keep(share: Double(topP), weights) }
        if minP > 0 { keep(from: min(minP, 1), weights) }
        return draw(random, weights)
    }

    private static func bucket(_ weight: Float) -> Int { min(Int(weight.bitPattern >> 19), bucketCount - 1) }

    private mutating func fill(_ weights: UnsafeBufferPointer<Float>) {
        lowest = Self.bucketCount - 1
        kept = nil
        counts.withUnsafeMutableBufferPointer { counts in
            sums.withUnsafeMutableBufferPointer { sums in
                counts.update(repeating: 0)
                sums.update(repeating: 0)
                for weight in weights where weight > 0 {
                    let bucket = Self.bucket(weight)
                    counts[bucket] &+= 1
                    sums[bucket] += Double(weight)
                    lowest = min(lowest, bucket)
                }
            }
        }
    }

    /// Keeps the first `count` tokens.
    private mutating func keep(_ count: Int, _ weights: UnsafeBufferPointer<Float>) {
        var before = 0
        for bucket in (lowest..<Self.bucketCount).reversed() {
            let inside = Int(counts[bucket])
            if before + inside >= count {
                cut(at: bucket, to: Array(sorted(bucket, weights).prefix(count - before)))
                return
            }
            before += inside
        }
    }

    /// Keeps the shortest beginning that has a share of the kept weight.
    private mutating func keep(share: Double, _ weights: UnsafeBufferPointer<Float>) {
        let target = share * total
        var before = 0.0
        for bucket in (lowest..<Self.bucketCount).reversed() where counts[bucket] > 0 {
            let sum = keptSum(bucket)
            if before + sum >= target || bucket == lowest {
                var entries = bucket == lowest ? kept ?? sorted(bucket, weights) : sorted(bucket, weights)
                var running = before
                let end = entries.firstIndex { entry in
                    running += Double(entry.weight)
                    return running >= target
                }
                if let end { entries.removeSubrange((end + 1)...) }
                cut(at: bucket, to: entries)
                return
            }
            before += sum
        }
    }

    /// Keeps the tokens that weigh at least `weight`.
    private mutating func keep(from weight: Float, _ weights: UnsafeBufferPointer<Float>) {
        let bucket = Self.bucket(weight)
        guard bucket >= lowest else { return }
        let entries = bucket == lowest ? kept ?? sorted(bucket, weights) : sorted(bucket, weights)
        cut(at: bucket, to: entries.filter { $0.weight >= weight })
    }

    private func draw(_ random: Double, _ weights: UnsafeBufferPointer<Float>) -> Int32 {
        let target = random * total
        var before = 0.0
        var last: Entry?
        for bucket in (lowest..<Self.bucketCount).reversed() where counts[bucket] > 0 {
            let sum = keptSum(bucket)
            if before + sum > target || bucket == lowest {
                let entries = bucket == lowest ? kept ?? members(bucket, weights) : members(bucket, weights)
                for entry in entries {
                    before += Double(entry.weight)
                    last = entry
                    if before > target { return entry.token }
                }
            } else {
                before += sum
            }
        }
        // Only rounding leads here: the last token that could be drawn, or the heaviest.
        return last?.token ?? Int32(VectorMath.indexOfMaximum(weights))
    }

    private var total: Double {
        (lowest..<Self.bucketCount).reversed().reduce(0) { $0 + keptSum($1) }
    }

    private func keptSum(_ bucket: Int) -> Double {
        guard bucket == lowest, let kept else { return sums[bucket] }
        return kept.reduce(0) { $0 + Double($1.weight) }
    }

    private mutating func cut(at bucket: Int, to entries: [Entry]) {
        lowest = bucket
        kept = entries
    }

    /// A bucket's tokens by id.
    private func members(_ bucket: Int, _ weights: UnsafeBufferPointer<Float>) -> [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(Int(counts[bucket]))
        let low = Float(bitPattern: UInt32(bucket) << 19)
        let high = bucket == Self.bucketCount - 1 ? Float.infinity : Float(bitPattern: UInt32(bucket + 1) << 19)
        for position in weights.indices where weights[position] >= low && weights[position] < high {
            if weights[position] > 0 { entries.append(Entry(weight: weights[position], token: Int32(position))) }
        }
        return entries
    }

    /// A bucket's tokens in the order of the filters.
    private func sorted(_ bucket: Int, _ weights: UnsafeBufferPointer<Float>) -> [Entry] {
        members(bucket, weights).sorted { ($1.weight, $0.token) < ($0.weight, $1.token) }
    }
}
