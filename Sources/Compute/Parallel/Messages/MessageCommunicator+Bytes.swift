extension MessageCommunicator {
    func allGather(
        _ part: UnsafeRawBufferPointer,
        counts: [Int],
        into whole: UnsafeMutableRawBufferPointer,
    ) throws(CommunicatorError) {
        try CallChecks.check(counts: counts, ranks: size, total: whole.count, own: part.count, rank: rank)
        let start = TrafficMeter.now
        try interruption.check()
        var first = 0
        let places = counts.map { count in
            defer { first += count }
            return UnsafeMutableRawBufferPointer(rebasing: whole[first..<first + count])
        }
        places[rank].copyMemory(from: part)
        try carry(others.flatMap { peer in [.send(part, to: peer), .receive(places[peer], from: peer)] })
        meter.count(since: start, bytes: part.count * (size - 1))
    }

    func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws(CommunicatorError) {
        try CallChecks.check(rank: root, ranks: size)
        let start = TrafficMeter.now
        try interruption.check()
        let isRoot = rank == root
        try carry(
            isRoot
                ? others.map { .send(UnsafeRawBufferPointer(bytes), to: $0) } : [.receive(bytes, from: root)]
        )
        meter.count(since: start, bytes: isRoot ? bytes.count * (size - 1) : 0)
    }

    func send(_ bytes: UnsafeRawBufferPointer, to peer: Int) throws(CommunicatorError) {
        try CallChecks.check(peer: peer, of: rank, ranks: size)
        let start = TrafficMeter.now
        try interruption.check()
        try carry([.send(bytes, to: peer)])
        meter.count(since: start, bytes: bytes.count)
    }

    func receive(_ bytes: UnsafeMutableRawBufferPointer, from peer: Int) throws(CommunicatorError) {
        try CallChecks.check(peer: peer, of: rank, ranks: size)
        let start = TrafficMeter.now
        try interruption.check()
        try carry([.receive(bytes, from: peer)])
        meter.count(since: start, bytes: 0)
    }

    func barrier() throws(CommunicatorError) {
        let start = TrafficMeter.now
        try interruption.check()
        guard let room = staged(size + 1, bytes: 1) else { return }
        let own = UnsafeMutableRawBufferPointer(start: room + size, count: 1)
        own[0] = 0
        try carry(
            others.flatMap { peer in
                [
                    .send(UnsafeRawBufferPointer(own), to: peer),
                    .receive(UnsafeMutableRawBufferPointer(start: room + peer, count: 1), from: peer),
                ]
            }
        )
        meter.count(since: start, bytes: 0)
    }
}
