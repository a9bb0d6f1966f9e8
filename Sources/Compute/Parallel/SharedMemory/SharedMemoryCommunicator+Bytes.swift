internal import CRanks

extension SharedMemoryCommunicator {
    package func allGather(
        _ part: UnsafeRawBufferPointer,
        counts: [Int],
        into whole: UnsafeMutableRawBufferPointer,
    ) throws(CommunicatorError) {
        try CallChecks.check(counts: counts, ranks: size, total: whole.count, own: part.count, rank: rank)
        let start = TrafficMeter.now
        try interruption.check()
        let most = counts.max() ?? 0
        for first in stride(from: 0, to: most, by: SharedLayout.slotBytes) {
            let step = try begin()
            copy(part, from: first, to: slot(rank, step))
            publish(step)
            try waitForAll(step)
            var place = 0
            for peer in 0..<size {
                let count = min(SharedLayout.slotBytes, counts[peer] - first)
                if count > 0 {
                    let target = UnsafeMutableRawBufferPointer(rebasing: whole[place + first..<place + first + count])
                    target.copyMemory(from: UnsafeRawBufferPointer(start: slot(peer, step), count: count))
                }
                place += counts[peer]
            }
        }
        meter.count(since: start, bytes: part.count * (size - 1))
    }

    package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws(CommunicatorError) {
        try CallChecks.check(rank: root, ranks: size)
        let start = TrafficMeter.now
        try interruption.check()
        for first in stride(from: 0, to: bytes.count, by: SharedLayout.slotBytes) {
            let step = try begin()
            if rank == root { copy(UnsafeRawBufferPointer(bytes), from: first, to: slot(rank, step)) }
            publish(step)
            guard rank != root else { continue }
            try wait(layout.flag(root), step)
            let count = min(SharedLayout.slotBytes, bytes.count - first)
            let target = UnsafeMutableRawBufferPointer(rebasing: bytes[first..<first + count])
            target.copyMemory(from: UnsafeRawBufferPointer(start: slot(root, step), count: count))
        }
        meter.count(since: start, bytes: rank == root ? bytes.count * (size - 1) : 0)
    }

    package func send(_ bytes: UnsafeRawBufferPointer, to peer: Int) throws(CommunicatorError) {
        try CallChecks.check(peer: peer, of: rank, ranks: size)
        let start = TrafficMeter.now
        try interruption.check()
        for first in stride(from: 0, to: bytes.count, by: SharedLayout.cellBytes) {
            try wait(layout.read(from: rank, to: peer), sent[peer] &+ 1 &- UInt32(SharedLayout.cellCount))
            let count = min(SharedLayout.cellBytes, bytes.count - first)
            UnsafeMutableRawBufferPointer(start: cell(from: rank, to: peer, sent[peer]), count: count)
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[first..<first + count]))
            sent[peer] &+= 1
            rank_flag_publish(flag(layout.written(from: rank, to: peer)), sent[peer])
        }
        meter.count(since: start, bytes: bytes.count)
    }

    package func receive(_ bytes: UnsafeMutableRawBufferPointer, from peer: Int) throws(CommunicatorError) {
        try CallChecks.check(peer: peer, of: rank, ranks: size)
        let start = TrafficMeter.now
        try interruption.check()
        for first in stride(from: 0, to: bytes.count, by: SharedLayout.cellBytes) {
            try wait(layout.written(from: peer, to: rank), received[peer] &+ 1)
            let count = min(SharedLayout.cellBytes, bytes.count - first)
            UnsafeMutableRawBufferPointer(rebasing: bytes[first..<first + count]).copyMemory(
                from: UnsafeRawBufferPointer(start: cell(from: peer, to: rank, received[peer]), count: count)
            )
            received[peer] &+= 1
            rank_flag_publish(flag(layout.read(from: peer, to: rank)), received[peer])
        }
        meter.count(since: start, bytes: 0)
    }

    package func barrier() throws(CommunicatorError) {
        let start = TrafficMeter.now
        try interruption.check()
        let step = try begin()
        publish(step)
        try waitForAll(step)
        meter.count(since: start, bytes: 0)
    }

    private func copy(_ bytes: UnsafeRawBufferPointer, from first: Int, to slot: UnsafeMutableRawPointer) {
        let count = min(SharedLayout.slotBytes, bytes.count - first)
        guard count > 0 else { return }
        UnsafeMutableRawBufferPointer(start: slot, count: count)
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[first..<first + count]))
    }
}
