/// How the ranks of one start find each other: all connect to rank 0, say who they are and what they were started with,
/// and learn where the others are.
struct Rendezvous {
    /// What all know of each other when they have met.
    struct Meeting {
        /// All ranks, in order.
        var cards: [RankCard]
        /// On rank 0 the connections to all others, elsewhere the one to rank 0, by rank.
        var links: [Int: FramedStream]
    }

    /// This rank.
    let card: RankCard
    let secret: RankSecret
    let deadline: Deadline
    /// Says why no other rank can come any more, if so.
    let hopeless: () -> String?

    /// Rank 0's part: waits until all have come.
    ///
    /// - Throws: `CommunicatorError.failed` when a rank doesn't come or doesn't fit; all that have come are told.
    func wait(at listener: StreamListener) throws(CommunicatorError) -> Meeting {
        var meeting = Meeting(cards: [card], links: [:])
        do throws(CommunicatorError) {
            var reception = Reception(listener, secret)
            while meeting.cards.count < card.size { try takeNext(&reception, &meeting) }
        } catch {
            tell(.end("\(error)"), meeting)
            throw error
        }
        meeting.cards.sort { $0.rank < $1.rank }
        tell(.world(meeting.cards), meeting)
        return meeting
    }

    /// The other ranks' part.
    ///
    /// - Throws: `CommunicatorError.failed` when rank 0 can't be reached or says why this rank can't join.
    func join(at address: SocketAddress) throws(CommunicatorError) -> Meeting {
        let introduction = Introduction(secret: secret) { stream in
            var card = card
            // Others reach this rank where it reaches rank 0 from.
            if let own = SocketAddress(of: stream.number, peer: false) { card.address.host = own.host }
            return .hello(card)
        }
        let link = try introduction.connect(to: address, deadline)
        switch RankMessage(try link.receive(deadline)) {
        case .world(var cards)?:
            guard cards.count == card.size, cards.map(\.rank) == Array(0..<card.size) else {
                throw .failed("rank 0 at \(address) speaks of other ranks")
            }
            cards[0].address.host = address.host
            return Meeting(cards: cards, links: [0: link])
        case .end(let reason)?: throw .failed(reason)
        default: throw .failed("what answers at \(address) isn't rank 0")
        }
    }

    private func takeNext(_ reception: inout Reception, _ meeting: inout Meeting) throws(CommunicatorError) {
        guard let (link, opening) = reception.next(milliseconds: 100) else {
            if let reason = hopeless() { throw .failed(reason) }
            guard !deadline.isOver else {
                let missing = Set(0..<card.size).subtracting(meeting.cards.map(\.rank)).sorted()
                let names = missing.prefix(8).map(String.init).joined(separator: ", ")
                throw .failed("rank \(names) of \(card.size) hasn't come in time\(Self.note(on: reception))")
            }
            return
        }
        guard case .hello(let other) = opening else { return }
        if let reason = card.misfit(of: other) ?? duplicate(of: other, meeting) {
            try? link.send(RankMessage.end(reason).bytes, Deadline(seconds: 1))
            throw .failed(reason)
        }
        meeting.cards.append(other)
        meeting.links[other.rank] = link
    }

    /// What was seen besides, where that may be why a rank is missing.
    private static func note(on reception: Reception) -> String {
        guard let last = reception.refused.last else { return "" }
        return "; \(reception.refused.count) that came, the last from \(last.host), didn't know the secret of "
            + RankSecret.variable
    }

    private func duplicate(of other: RankCard, _ meeting: Meeting) -> String? {
        guard let first = meeting.cards.first(where: { $0.rank == other.rank }) else { return nil }
        return "rank \(other.rank) was started twice: on \(first.hostName) and on \(other.hostName)"
    }

    private func tell(_ message: RankMessage, _ meeting: Meeting) {
        for link in meeting.links.values { try? link.send(message.bytes, Deadline(seconds: 2)) }
    }
}

extension RankCard {
    /// What keeps another rank from working with this one, for people.
    func misfit(of other: RankCard) -> String? {
        func differs(_ what: String, _ own: some CustomStringConvertible, _ others: some CustomStringConvertible)
            -> String
        {
            "rank \(other.rank) on \(other.hostName) was started with \(what) \(others), rank \(rank) with \(own)"
        }
        if other.size != size { return differs("a world size of", size, other.size) }
        if other.rank < 0 || other.rank >= size { return "there is no rank \(other.rank) among \(size)" }
        guard other.settings != settings else { return nil }
        let (own, others) = (Self.values(settings), Self.values(other.settings))
        // Another version may have other settings.
        for name in ["version"] + Set(own.keys).union(others.keys).sorted() where own[name] != others[name] {
            return differs(name, own[name] ?? "nothing", others[name] ?? "nothing")
        }
        return differs("other settings", "its own", "")
    }

    private static func values(_ settings: String) -> [String: String] {
        settings.split(separator: "\n").reduce(into: [:]) { values, line in
            let parts = line.split(separator: "=", maxSplits: 1)
            if let name = parts.first { values[String(name)] = parts.count > 1 ? String(parts[1]) : "" }
        }
    }
}
