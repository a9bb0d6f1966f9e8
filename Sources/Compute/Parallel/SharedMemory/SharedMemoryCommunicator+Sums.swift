extension SharedMemoryCommunicator {
    /// Numbers that a slot holds.
    private var numbersAtOnce: Int { SharedLayout.slotBytes / wire.byteCount }
    /// Bytes that sharing out the adding must save, each rank adding its piece for all: it takes a step more.
    private static let bytesToSave = 8 << 10

    package func allReduce(_ values: UnsafeMutableBufferPointer<Float>) throws(CommunicatorError) {
        let start = TrafficMeter.now
        try interruption.check()
        var bytes = 0
        var first = 0
        while first < values.count {
            let end = min(first + numbersAtOnce, values.count)
            let part = UnsafeMutableBufferPointer(rebasing: values[first..<end])
            let saved = SummingCost.bytesSaved(of: part.count * wire.byteCount, ranks: size)
            bytes += saved >= Self.bytesToSave ? try sumShared(part) : try sumAll(part)
            first = end
        }
        meter.count(since: start, bytes: bytes)
    }

    package func allGather(
        _ part: UnsafeBufferPointer<Float>,
        counts: [Int],
        into whole: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError) {
        try CallChecks.check(counts: counts, ranks: size, total: whole.count, own: part.count, rank: rank)
        let start = TrafficMeter.now
        try interruption.check()
        let atOnce = numbersAtOnce
        for first in stride(from: 0, to: counts.max() ?? 0, by: atOnce) {
            let own = UnsafeBufferPointer(rebasing: part[min(first, part.count)..<min(first + atOnce, part.count)])
            let step = try give(own)
            var place = 0
            for peer in 0..<size {
                let count = min(atOnce, counts[peer] - first)
                if count > 0 {
                    let target = UnsafeMutableBufferPointer(rebasing: whole[place + first..<place + first + count])
                    wire.read(slot(peer, step), into: target)
                }
                place += counts[peer]
            }
        }
        meter.count(since: start, bytes: part.count * wire.byteCount * (size - 1))
    }

    package func reduceScatter(
        _ values: UnsafeBufferPointer<Float>,
        counts: [Int],
        into part: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError) {
        try CallChecks.check(counts: counts, ranks: size, total: values.count, own: part.count, rank: rank)
        let start = TrafficMeter.now
        try interruption.check()
        let before = counts[..<rank].reduce(0, +)
        let own = before..<before + part.count
        var first = 0
        while first < values.count {
            let end = min(first + numbersAtOnce, values.count)
            let step = try give(UnsafeBufferPointer(rebasing: values[first..<end]))
            let piece = own.clamped(to: first..<end)
            if !piece.isEmpty {
                let target = UnsafeMutableBufferPointer(
                    rebasing: part[piece.lowerBound - before..<piece.upperBound - before]
                )
                sum(from: piece.lowerBound - first, of: step, into: target)
            }
            first = end
        }
        meter.count(since: start, bytes: (values.count - part.count) * wire.byteCount)
    }

    /// Every rank reads all parts and adds them: one step; returns the bytes sent.
    private func sumAll(_ values: UnsafeMutableBufferPointer<Float>) throws(CommunicatorError) -> Int {
        let step = try give(UnsafeBufferPointer(values))
        sum(from: 0, of: step, into: values)
        return values.count * wire.byteCount * (size - 1)
    }

    /// Every rank adds one piece and reads the others' sums: two steps; returns the bytes sent.
    private func sumShared(_ values: UnsafeMutableBufferPointer<Float>) throws(CommunicatorError) -> Int {
        let given = try give(UnsafeBufferPointer(values))
        let own = UnsafeMutableBufferPointer(rebasing: values[piece(rank, of: values.count)])
        sum(from: piece(rank, of: values.count).lowerBound, of: given, into: own)
        let summed = try give(UnsafeBufferPointer(own))
        for peer in 0..<size where peer != rank {
            wire.read(
                slot(peer, summed),
                into: UnsafeMutableBufferPointer(rebasing: values[piece(peer, of: values.count)])
            )
        }
        return (values.count - own.count + own.count * (size - 1)) * wire.byteCount
    }

    private func piece(_ rank: Int, of count: Int) -> Range<Int> { count * rank / size..<count * (rank + 1) / size }

    /// Gives numbers to a step and waits for the others' numbers.
    private func give(_ values: UnsafeBufferPointer<Float>) throws(CommunicatorError) -> UInt32 {
        let step = try begin()
        wire.write(values, to: slot(rank, step))
        publish(step)
        try waitForAll(step)
        return step
    }

    private func sum(from first: Int, of step: UInt32, into sum: UnsafeMutableBufferPointer<Float>) {
        for peer in 0..<size { parts[peer] = UnsafeRawPointer(slot(peer, step)) + first * wire.byteCount }
        wire.sum(UnsafeBufferPointer(parts), into: sum)
    }
}
