extension MessageCommunicator {
    /// Numbers that are summed at a time.
    private static let numbersAtOnce = 1 << 20
    /// Bytes that sharing out the adding must save, each rank adding its piece for all: it takes messages more.
    private static let bytesToSave = 24 << 10

    func allReduce(_ values: UnsafeMutableBufferPointer<Float>) throws(CommunicatorError) {
        let start = TrafficMeter.now
        try interruption.check()
        var bytes = 0
        var first = 0
        while first < values.count, size > 1 {
            let end = min(first + Self.numbersAtOnce, values.count)
            let part = UnsafeMutableBufferPointer(rebasing: values[first..<end])
            let saved = SummingCost.bytesSaved(of: part.count * wire.byteCount, ranks: size)
            bytes += saved >= Self.bytesToSave ? try sumShared(part) : try sumAll(part)
            first = end
        }
        meter.count(since: start, bytes: bytes)
    }

    func allGather(
        _ part: UnsafeBufferPointer<Float>,
        counts: [Int],
        into whole: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError) {
        let bytes = counts.map { $0 * wire.byteCount }
        guard wire != .float32 else {
            return try allGather(
                UnsafeRawBufferPointer(part),
                counts: bytes,
                into: UnsafeMutableRawBufferPointer(whole)
            )
        }
        try CallChecks.check(counts: counts, ranks: size, total: whole.count, own: part.count, rank: rank)
        let total = bytes.reduce(0, +)
        guard let room = staged(1, bytes: total + part.count * wire.byteCount) else { return }
        wire.write(part, to: room + total)
        try allGather(
            UnsafeRawBufferPointer(start: room + total, count: part.count * wire.byteCount),
            counts: bytes,
            into: UnsafeMutableRawBufferPointer(start: room, count: total)
        )
        wire.read(room, into: whole)
    }

    func reduceScatter(
        _ values: UnsafeBufferPointer<Float>,
        counts: [Int],
        into part: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError) {
        try CallChecks.check(counts: counts, ranks: size, total: values.count, own: part.count, rank: rank)
        let start = TrafficMeter.now
        try interruption.check()
        var first = 0
        let pieces = counts.map { count in
            defer { first += count }
            return first..<first + count
        }
        try sum(values, pieces, into: part)
        meter.count(since: start, bytes: (values.count - part.count) * wire.byteCount)
    }

    /// Every rank gets all parts and adds them; returns the bytes sent.
    private func sumAll(_ values: UnsafeMutableBufferPointer<Float>) throws(CommunicatorError) -> Int {
        let bytes = values.count * wire.byteCount
        guard let room = staged(size, bytes: bytes) else { return 0 }
        wire.write(UnsafeBufferPointer(values), to: room + rank * bytes)
        let own = UnsafeRawBufferPointer(start: room + rank * bytes, count: bytes)
        try carry(
            others.flatMap { peer in
                [
                    .send(own, to: peer),
                    .receive(UnsafeMutableRawBufferPointer(start: room + peer * bytes, count: bytes), from: peer),
                ]
            }
        )
        for peer in 0..<size { parts[peer] = UnsafeRawPointer(room + peer * bytes) }
        wire.sum(UnsafeBufferPointer(parts), into: values)
        return bytes * (size - 1)
    }

    /// Every rank adds one piece and the others get its sum; returns the bytes sent.
    private func sumShared(_ values: UnsafeMutableBufferPointer<Float>) throws(CommunicatorError) -> Int {
        let pieces = (0..<size).map { values.count * $0 / size..<values.count * ($0 + 1) / size }
        let own = UnsafeMutableBufferPointer(rebasing: values[pieces[rank]])
        try sum(UnsafeBufferPointer(values), pieces, into: own)
        guard let room = staged(1, bytes: values.count * wire.byteCount) else { return 0 }
        func place(_ peer: Int) -> UnsafeMutableRawBufferPointer {
            let start = room + pieces[peer].lowerBound * wire.byteCount
            return UnsafeMutableRawBufferPointer(start: start, count: pieces[peer].count * wire.byteCount)
        }
        wire.write(UnsafeBufferPointer(own), to: room + pieces[rank].lowerBound * wire.byteCount)
        try carry(
            others.flatMap { peer in
                [.send(UnsafeRawBufferPointer(place(rank)), to: peer), .receive(place(peer), from: peer)]
            }
        )
        for peer in others {
            let start = room + pieces[peer].lowerBound * wire.byteCount
            wire.read(start, into: UnsafeMutableBufferPointer(rebasing: values[pieces[peer]]))
        }
        return (values.count - own.count + own.count * (size - 1)) * wire.byteCount
    }

    /// Sends each rank its piece of `values` and adds all ranks' own pieces.
    private func sum(
        _ values: UnsafeBufferPointer<Float>,
        _ pieces: [Range<Int>],
        into sum: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError) {
        let (bytes, ownBytes) = (values.count * wire.byteCount, sum.count * wire.byteCount)
        // First what is sent, all pieces, then what comes, one piece of each rank.
        guard let room = staged(1, bytes: bytes + size * ownBytes) else { return }
        wire.write(values, to: room)
        try carry(
            others.flatMap { peer in
                [
                    .send(
                        UnsafeRawBufferPointer(
                            start: room + pieces[peer].lowerBound * wire.byteCount,
                            count: pieces[peer].count * wire.byteCount
                        ),
                        to: peer
                    ),
                    .receive(
                        UnsafeMutableRawBufferPointer(start: room + bytes + peer * ownBytes, count: ownBytes),
                        from: peer
                    ),
                ]
            }
        )
        for peer in 0..<size { parts[peer] = UnsafeRawPointer(room + bytes + peer * ownBytes) }
        parts[rank] = UnsafeRawPointer(room + pieces[rank].lowerBound * wire.byteCount)
        wire.sum(UnsafeBufferPointer(parts), into: sum)
    }
}
