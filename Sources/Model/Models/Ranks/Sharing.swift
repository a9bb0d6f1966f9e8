/// How what is counted is cut into consecutive parts.
package enum Sharing {
    /// The borders of even parts of `0..<count` in whole multiples of `grain`; the first ones are larger where it doesn't come
    /// out even.
    ///
    /// - Returns: `nil` if there isn't something for each.
    package static func even(_ count: Int, grain: Int, parts: Int) -> [Range<Int>]? {
        let units = (count + grain - 1) / grain
        guard units >= parts else { return nil }
        return (0..<parts).map { index in
            let border = { (index: Int) in min(count, (units / parts * index + min(index, units % parts)) * grain) }
            return border(index)..<border(index + 1)
        }
    }

    /// Consecutive parts of things that cost something, such that the dearest part is as cheap as can be and each has
    /// something; `firstCost` is what the first part costs besides.
    ///
    /// - Returns: `nil` if there are fewer things than parts.
    package static func byCost(_ costs: [Double], parts: Int, firstCost: Double) -> [Range<Int>]? {
        guard costs.count >= parts, parts > 0 else { return nil }
        var sums = [0.0]
        for cost in costs { sums.append(sums[sums.count - 1] + cost) }
        let count = costs.count
        // best[end]: the least cost of the dearest of some parts that hold 0..<end; starts says where their last begins.
        var best = sums.indices.map { $0 == 0 ? .infinity : sums[$0] + firstCost }
        var starts: [[Int]] = []
        for part in 1..<max(1, parts) {
            var next = [Double](repeating: .infinity, count: count + 1)
            var from = [Int](repeating: 0, count: count + 1)
            for end in stride(from: part + 1, through: count, by: 1) {
                for start in part..<end {
                    let cost = max(best[start], sums[end] - sums[start])
                    if cost < next[end] { (next[end], from[end]) = (cost, start) }
                }
            }
            best = next
            starts.append(from)
        }
        var ranges: [Range<Int>] = []
        var end = count
        for from in starts.reversed() {
            ranges.append(from[end]..<end)
            end = from[end]
        }
        ranges.append(0..<end)
        return ranges.reversed()
    }
}
