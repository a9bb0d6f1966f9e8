internal import Glibc

/// Ranks with a TCP connection between each two.
///
/// Nothing is sent but the data: both ends know what comes next. Connections belong to one group, so that groups can be
/// used by different threads.
final class SocketTransport: MessageTransport, @unchecked Sendable {  // one thread at a time calls
    /// Milliseconds that connecting a group may take.
    private static let patience = 60.0
    /// Rounds without progress before the thread sleeps until something comes: some tens of microseconds.
    private static let eagerRounds = 200

    let rank: Int
    /// The group's ranks as they are known in the whole world, for messages, and where they are found.
    private let cards: [RankCard]
    private let group: String
    private let door: MeshDoor
    private let interruption: Interruption
    private let streams: [Stream?]
    private var splits = 0

    var size: Int { cards.count }

    /// Connects the ranks of a group; all of them call it.
    ///
    /// - Parameters:
    ///   - rank: This process's place among `cards`.
    ///   - group: What the group is called, the same on all ranks and unlike all others.
    init(
        rank: Int,
        cards: [RankCard],
        group: String,
        door: MeshDoor,
        interruption: Interruption,
    ) throws(CommunicatorError) {
        self.rank = rank
        self.cards = cards
        self.group = group
        self.door = door
        self.interruption = interruption
        let deadline = Deadline(seconds: Self.patience)
        var streams = [Stream?](repeating: nil, count: cards.count)
        let introduction = Introduction(secret: door.secret, opening: { _ in .mesh(group: group, rank: rank) })
        for peer in 0..<rank {
            streams[peer] = try introduction.connect(to: cards[peer].address, deadline).stream
        }
        for peer in cards.indices.dropFirst(rank + 1) {
            streams[peer] = try door.connection(group, from: peer, deadline, interruption)
        }
        self.streams = streams
    }

    func split(_ group: SplitGroup) throws(CommunicatorError) -> any MessageTransport {
        splits += 1
        return try SocketTransport(
            rank: group.rank,
            cards: group.members.map { cards[$0] },
            group: "\(self.group)/\(splits)",
            door: door,
            interruption: group.interruption
        )
    }

    func exchange(_ transfers: [Transfer]) throws(CommunicatorError) -> Int {
        var done = [Int](repeating: 0, count: transfers.count)
        var open = transfers.indices.filter { !transfers[$0].isEmpty }
        var idleRounds = 0
        var (idleSince, waited) = (0, 0)
        while !open.isEmpty {
            try interruption.check()
            var moved = 0
            for index in open { moved += try advance(transfers[index], &done[index]) }
            open.removeAll { done[$0] == transfers[$0].byteCount }
            if moved > 0 {
                if idleRounds > 0 { waited += TrafficMeter.now - idleSince }
                idleRounds = 0
            } else if !open.isEmpty {
                if idleRounds == 0 { idleSince = TrafficMeter.now }
                idleRounds += 1
                if idleRounds > Self.eagerRounds {
                    wait(for: open.map { transfers[$0] })
                } else if idleRounds > Self.eagerRounds / 2 {
                    sched_yield()
                }
            }
        }
        return waited
    }

    /// Carries what goes without waiting; returns how many bytes went.
    private func advance(_ transfer: Transfer, _ done: inout Int) throws(CommunicatorError) -> Int {
        let count: Int? =
            switch transfer {
            case .send(let bytes, let peer): streams[peer]?.sendSome(.init(rebasing: bytes[done...]))
            case .receive(let bytes, let peer): streams[peer]?.receiveSome(.init(rebasing: bytes[done...]))
            }
        guard let count else { throw lost(transfer.peer) }
        done += count
        return count
    }

    private func wait(for transfers: [Transfer]) {
        var entries = transfers.compactMap { transfer in
            streams[transfer.peer].map { stream in
                pollfd(fd: stream.number, events: Int16(transfer.isSend ? POLLOUT : POLLIN), revents: 0)
            }
        }
        _ = Descriptor.wait(&entries, milliseconds: 100)
    }

    /// Who watches the ranks may know more than that a connection has ended, a moment later.
    private func lost(_ peer: Int) -> CommunicatorError {
        for _ in 0..<50 where interruption.error == nil { usleep(10_000) }
        let error = CommunicatorError.lost(rank: cards[peer].rank, reason: "its connection has ended")
        interruption.end(with: error)
        return interruption.error ?? error
    }
}

extension Transfer {
    /// The other rank.
    var peer: Int {
        switch self {
        case .send(_, let peer), .receive(_, let peer): peer
        }
    }

    var byteCount: Int {
        switch self {
        case .send(let bytes, _): bytes.count
        case .receive(let bytes, _): bytes.count
        }
    }

    var isSend: Bool {
        if case .send = self { true } else { false }
    }
}
