internal import Glibc
internal import Synchronization

/// Notices within five seconds that a rank is lost, on a thread of its own.
///
/// Rank 0 has a connection to each other rank. A process that ends closes it; one that hangs, or a host that can't be
/// reached, is silent, while all others say each second that they live. A process whose computing threads alone hang notices
/// that itself. Rank 0 tells the others why all end.
package final class RankWatch: Sendable {
    /// How a group of ranks ends.
    package enum End: Sendable, Hashable {
        /// The work is done.
        case done
        /// A rank is lost, or a rank says why it can't go on.
        case lost(CommunicatorError)
    }

    /// Seconds between two signs of life, and seconds of silence after which a rank is lost.
    private static let (interval, patience) = (1.0, 4.0)

    private let rank: Int
    private let links: [Int: FramedStream]
    private let interruption: Interruption
    private let isDone = Atomic(false)
    private let ownReason = Mutex<String?>(nil)
    private let memories = Mutex<[Int: Int]>([:])

    /// Resident bytes of each rank's process, as it said last; on rank 0.
    package var memory: [Int: Int] { memories.withLock { $0 } }

    private let signs = Mutex<(@Sendable () -> ComputeSigns?)?>(nil)

    init(rank: Int, links: [Int: FramedStream], interruption: Interruption) {
        self.rank = rank
        self.links = links
        self.interruption = interruption
    }

    /// Has the watch look after the threads that this rank computes with.
    ///
    /// - Parameter signs: What they have done until now; `nil` while they may be idle.
    package func follow(_ signs: @escaping @Sendable () -> ComputeSigns?) { self.signs.withLock { $0 = signs } }

    /// Ends the watch on all ranks, because the work is done; without effect on other ranks than 0.
    package func finish() { isDone.store(true, ordering: .releasing) }

    /// Ends all ranks, because this one can't go on.
    package func fail(_ reason: String) { ownReason.withLock { $0 = $0 ?? reason } }

    /// Watches until all ranks end, one way or the other; all calls of the communicators have been ended then.
    ///
    /// - Parameters:
    ///   - residentMemory: Bytes that this process has.
    ///   - explain: Why a rank's connection has ended, where this process knows.
    /// - Returns: how they end.
    package func run(
        residentMemory: () -> Int = { 0 },
        explain: (Int) -> String? = { _ in nil },
    ) -> End {
        var heard = links.mapValues { _ in TrafficMeter.now }
        var lastSign = 0
        var judge = StandstillJudge()
        var lastRound = TrafficMeter.now
        while true {
            if let end = ownEnd() { return close(end) }
            if let reason = judge.standstill(signs.withLock { $0 }?(), now: Double(TrafficMeter.now) / 1e9) {
                return close(.lost(.lost(rank: rank, reason: reason)))
            }
            if TrafficMeter.now - lastSign >= Int(Self.interval * 1e9) {
                lastSign = TrafficMeter.now
                let memory = residentMemory()
                memories.withLock { $0[rank] = memory }
                tell(.alive(memory: memory))
            }
            let order = links.keys.sorted()
            var entries = order.map { pollfd(fd: links[$0]?.stream.number ?? -1, events: Int16(POLLIN), revents: 0) }
            _ = Descriptor.wait(&entries, milliseconds: 200)
            // A process that was stopped itself has heard nobody meanwhile.
            if TrafficMeter.now - lastRound > Int(Self.interval * 1e9) {
                heard = links.mapValues { _ in TrafficMeter.now }
            }
            lastRound = TrafficMeter.now
            for (peer, entry) in zip(order, entries) {
                if entry.revents != 0 {
                    if let end = hear(peer, explain) { return close(end) }
                    heard[peer] = TrafficMeter.now
                } else if TrafficMeter.now - (heard[peer] ?? 0) > Int(Self.patience * 1e9) {
                    return close(
                        .lost(.lost(rank: peer, reason: "it hasn't answered for \(Int(Self.patience)) seconds"))
                    )
                }
            }
        }
    }

    private func ownEnd() -> End? {
        if rank == 0, isDone.load(ordering: .acquiring) { return .done }
        return ownReason.withLock { $0 }.map { .lost(.lost(rank: rank, reason: $0)) }
    }

    /// Reads what a rank says.
    private func hear(_ peer: Int, _ explain: (Int) -> String?) -> End? {
        guard let link = links[peer], let bytes = try? link.receive(Deadline(seconds: 2)) else {
            return .lost(.lost(rank: peer, reason: explain(peer) ?? "its process or its host has ended"))
        }
        switch RankMessage(bytes) {
        case .alive(let memory)?:
            memories.withLock { $0[peer] = memory }
            return nil
        case .done?: return .done
        case .end(let reason)?:
            // Other ranks say what happened to them; rank 0 says what happened to any.
            return .lost(rank == 0 ? .lost(rank: peer, reason: reason) : .failed(reason))
        default: return .lost(.lost(rank: peer, reason: "it sent what isn't a message of a rank"))
        }
    }

    private func close(_ end: End) -> End {
        switch end {
        case .done: tell(.done)
        case .lost(let error):
            interruption.end(with: error)
            if rank == 0 {
                tell(.end("\(error)"))
            } else if case .lost(rank, let reason) = error {
                tell(.end(reason))
            }
        }
        return end
    }

    private func tell(_ message: RankMessage) {
        for link in links.values { try? link.send(message.bytes, Deadline(seconds: 0.2)) }
    }
}
