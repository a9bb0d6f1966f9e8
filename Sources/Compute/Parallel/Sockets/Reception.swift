internal import Glibc

/// Where other ranks come in: whoever has proven to know the secret, with what its connection is for.
///
/// Whoever comes is heard beside the others, so that none of them waits for a stranger that says nothing. A bounded number
/// is heard at a time, of those that have yet to greet and of those that have: where one more comes, the first of its kind
/// goes, since a rank is done within moments, and comes again if it isn't. So those that say nothing, however many, take no
/// place from a rank that is proving itself.
struct Reception: Sendable {
    /// Most that are heard at a time, of each kind, and seconds that each is.
    private static let (limit, patience) = (64, 2.0)

    private let listener: StreamListener
    private let secret: RankSecret
    /// Those that have yet to greet, and those that have, in the order in which they came and in which they did.
    private var (silent, greeted): ([Visitor], [Visitor]) = ([], [])
    private var admitted: [(link: FramedStream, opening: RankMessage)] = []
    /// How many didn't know the secret, and where the last of them came from.
    private(set) var refused: (count: Int, last: SocketAddress?) = (0, nil)

    init(_ listener: StreamListener, _ secret: RankSecret) {
        self.listener = listener
        self.secret = secret
    }

    /// The next that has proven to be a rank of this start; `nil` when none has within that time.
    mutating func next(milliseconds: Int) -> (link: FramedStream, opening: RankMessage)? {
        if admitted.isEmpty { hear(milliseconds) }
        return admitted.isEmpty ? nil : admitted.removeFirst()
    }

    private mutating func hear(_ milliseconds: Int) {
        var visitors = greeted + silent
        let known = visitors.count
        var entries = (visitors.map(\.link.stream.number) + [listener.number]).map { number in
            pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        }
        _ = Descriptor.wait(&entries, milliseconds: milliseconds)
        for _ in 0..<Self.limit where entries[known].revents != 0 {
            guard let stream = listener.accept(milliseconds: 0) else { break }
            visitors.append(Visitor(FramedStream(stream), Deadline(seconds: Self.patience)))
        }
        // Who has just come may have greeted already.
        for index in visitors.indices where index >= known || entries[index].revents != 0 {
            visitors[index].hear(secret)
        }
        keep(visitors)
    }

    /// Sorts those that are heard by how far they have come, and sends away whom there is no place for.
    private mutating func keep(_ visitors: [Visitor]) {
        (silent, greeted) = ([], [])
        for visitor in visitors {
            switch visitor.phase {
            case .admitted(let opening): admitted.append((visitor.link, opening))
            case .refused: refused = (refused.count + 1, SocketAddress(of: visitor.link.stream.number, peer: true))
            case .gone: break
            case .greeting: if !visitor.deadline.isOver { silent.append(visitor) }
            case .proof, .opening: if !visitor.deadline.isOver { greeted.append(visitor) }
            }
        }
        silent.removeFirst(max(0, silent.count - Self.limit))
        greeted.removeFirst(max(0, greeted.count - Self.limit))
    }
}

/// Whoever has connected and has yet to prove that it is a rank.
private struct Visitor: Sendable {
    enum Phase {
        /// What comes next.
        case greeting
        case proof(nonces: (joining: String, admitting: String))
        case opening(nonces: (joining: String, admitting: String), proof: String)
        /// How it ended.
        case admitted(RankMessage)
        case refused, gone
    }

    /// Most bytes of what a rank has to say.
    private static let limit = 64 << 10

    let link: FramedStream
    let deadline: Deadline
    private(set) var phase = Phase.greeting
    /// What has come of the next message.
    private var bytes: [UInt8] = []

    init(_ link: FramedStream, _ deadline: Deadline) {
        self.link = link
        self.deadline = deadline
    }

    var hasEnded: Bool {
        switch phase {
        case .greeting, .proof, .opening: false
        case .admitted, .refused, .gone: true
        }
    }

    /// Takes what has come, no byte more than it may say.
    mutating func hear(_ secret: RankSecret) {
        while !hasEnded {
            let isHead = bytes.count < FramedStream.headBytes
            let length = isHead ? 0 : FramedStream.length(bytes[..<FramedStream.headBytes])
            guard length <= Self.limit else {
                phase = .gone
                return
            }
            let missing = FramedStream.headBytes + length - bytes.count
            if missing == 0 {
                let message = Array(bytes.dropFirst(FramedStream.headBytes))
                bytes = []
                phase = next(message, secret)
                continue
            }
            var room = [UInt8](repeating: 0, count: missing)
            guard let count = room.withUnsafeMutableBytes({ link.stream.receiveSome($0) }) else {
                phase = .gone
                return
            }
            guard count > 0 else { return }
            bytes += room.prefix(count)
        }
    }

    private func next(_ message: [UInt8], _ secret: RankSecret) -> Phase {
        switch (phase, RankMessage(message)) {
        case (.greeting, .greeting(RankMessage.version, let nonce)?) where RankSecret.isNonce(nonce):
            let own = RankSecret.newNonce()
            let isSent = say(.greeting(version: RankMessage.version, nonce: own))
            return isSent ? .proof(nonces: (nonce, own)) : .gone
        case (.greeting, .greeting(let version, _)?) where version != RankMessage.version:
            _ = say(.end("the ranks are another version's: all must run the same program"))
            return .gone
        case (.proof(let nonces), .proof(let code)?):
            return .opening(nonces: nonces, proof: code)
        case (.opening(let nonces, let proof), let opening?):
            guard secret.accepts(proof, .joins, nonces, message) else {
                _ = say(.end("this rank's \(RankSecret.variable) isn't that of the others"))
                return .refused
            }
            return say(.proof(secret.proof(.admits, nonces, message))) ? .admitted(opening) : .gone
        default: return .gone
        }
    }

    /// Says something short, which a connection that is new takes at once.
    private func say(_ message: RankMessage) -> Bool {
        let bytes = FramedStream.frame(message.bytes)
        return bytes.withUnsafeBytes { link.stream.sendSome($0) } == bytes.count
    }
}
