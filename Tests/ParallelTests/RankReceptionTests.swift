import Foundation
import Glibc
import Parallel
import Synchronization
import Testing

/// Who gets in among the ranks of a start, and what those that don't can do to it.
@Suite struct RankReceptionTests {
    private static let secret = "what nobody else knows"

    /// Two ranks that meet at `listener` and add up their numbers, 0 and 1.
    private static func sums(
        at listener: StreamListener,
        joiningAt port: Int? = nil,
        patience: Double = 20,
        secrets: [String] = [secret, secret],
    ) -> [Result<[Float], any Error>] {
        RankThreads.results(count: 2) { rank in
            let port = rank == 1 ? port ?? listener.port : listener.port
            let identity = RankIdentity(
                rank: rank,
                size: 2,
                address: SocketAddress(host: "127.0.0.1", port: port),
                secret: secrets[rank]
            )
            let options = RankWorld.Options(transport: .tcp, patience: patience)
            let world = try RankWorld(identity, listener: rank == 0 ? listener : nil, options)
            return try world.communicator.sum([Float(rank)])
        }
    }

    private static func listener() throws -> StreamListener {
        try StreamListener(SocketAddress(host: "127.0.0.1", port: 0))
    }

    private static func words(_ result: Result<[Float], any Error>) -> String {
        switch result {
        case .success(let sum): "\(sum)"
        case .failure(let error): "\(error)"
        }
    }

    @Test(arguments: [[secret, "another as long."], ["another as long.", secret]])
    func whoDoesNotKnowTheSecretIsRefusedAndRankZeroSaysSo(secrets: [String]) throws {
        let results = Self.sums(at: try Self.listener(), patience: 1, secrets: secrets).map(Self.words)
        #expect(
            results == [
                "rank 1 of 2 hasn't come in time; 1 that came, the last from 127.0.0.1, didn't know the secret of TRTLLM_RANK_SECRET",
                "this rank's TRTLLM_RANK_SECRET isn't that of the others",
            ]
        )
    }

    @Test(arguments: ["10.0.0.1:80", "127.0.0.1:80"])
    func ranksThatMeetWithoutASecretAreRefused(address: String) throws {
        let identity = RankIdentity(rank: 0, size: 2, address: SocketAddress(address), secret: "short")
        #expect {
            try RankWorld(identity, listener: nil, RankWorld.Options(patience: 1))
        } throws: {
            "\($0)".hasPrefix("rank 0: TRTLLM_RANK_SECRET has 5 bytes, but ranks that meet where others may come")
        }
    }

    @Test(arguments: [
        [UInt8](repeating: 255, count: 64), [3, 0, 0, 0, 255, 255, 255], [0, 0, 0, 0], [1, 2], [255, 255, 0, 0],
        [UInt8](repeating: 0, count: 1 << 20), frame(["trtllm-ranks", "2", nonce]), frame(["trtllm-ranks", "1", "0"]),
        frame(["trtllm-ranks", "1", nonce]) + frame(["proof", "0"]) + frame(["mesh", "world", "1"]),
        frame(["hello", "1", "2", "", "host", "name", "1", "127.0.0.1:9"]),
    ])
    func whoeverSendsSomethingElseIsSentAway(bytes: [UInt8]) throws {
        let listener = try Self.listener()
        let stranger = try Peer(port: listener.port)
        stranger.send(bytes)
        #expect(Self.sums(at: listener).map(Self.words) == ["[1.0]", "[1.0]"])
        // Nothing that it was told is a proof.
        #expect(!stranger.rest().contains { $0.first == "proof" })
    }

    @Test func manyWhoSayNothingDoNotDelayTheStart() throws {
        let listener = try Self.listener()
        let silent = try (0..<200).map { _ in try Peer(port: listener.port) }
        let start = ContinuousClock.now
        #expect(Self.sums(at: listener).map(Self.words) == ["[1.0]", "[1.0]"])
        #expect(start.duration(to: .now) < .seconds(1.9))
        withExtendedLifetime(silent) {}
    }

    @Test func aFloodOfConnectionsDoesNotKeepRanksAway() throws {
        let listener = try Self.listener()
        let isOver = Mutex(false)
        let flood = Thread {
            var held: [Peer] = []
            while !isOver.withLock({ $0 }) {
                guard let peer = try? Peer(port: listener.port) else { continue }
                peer.send(Self.frame(["trtllm-ranks", "1", Self.nonce]))
                held = held.suffix(100) + [peer]
            }
        }
        flood.start()
        defer { isOver.withLock { $0 = true } }
        #expect(Self.sums(at: listener).map(Self.words) == ["[1.0]", "[1.0]"])
    }

    @Test func aFloodTakesNoPlaceFromARankThatIsProvingItself() throws {
        let listener = try Self.listener()
        // The rank's greeting is answered; then strangers come, and only when they have been heard is its proof passed on.
        let relay = try Relay(to: listener.port) {
            var held: [Peer] = []
            for _ in 0..<300 { if let peer = try? Peer(port: listener.port) { held.append(peer) } }
            Thread.sleep(forTimeInterval: 0.3)
            return held
        }
        #expect(Self.sums(at: listener, joiningAt: relay.port, patience: 5).map(Self.words) == ["[1.0]", "[1.0]"])
    }

    @Test func whatAnotherRankHasSaidIsNoProof() throws {
        let first = try Self.listener()
        let relay = try Relay(to: first.port)
        #expect(Self.sums(at: first, joiningAt: relay.port).map(Self.words) == ["[1.0]", "[1.0]"])
        let said = relay.said()
        #expect(said.count > 200)
        // The same start again, to which a stranger says what it has heard.
        let second = try Self.listener()
        let stranger = try Peer(port: second.port)
        stranger.send(said)
        #expect(Self.sums(at: second).map(Self.words) == ["[1.0]", "[1.0]"])
        let answers = stranger.rest()
        #expect(answers.map(\.first) == ["trtllm-ranks", "end"])
        #expect(answers.last?.last == "this rank's TRTLLM_RANK_SECRET isn't that of the others")
        // What was said doesn't carry the secret.
        #expect(!String(decoding: said, as: UTF8.self).contains(Self.secret))
    }

    @Test func whoPretendsToBeRankZeroIsFoundOut() throws {
        let pretended = try Self.listener()
        let identity = RankIdentity(
            rank: 1,
            size: 2,
            address: SocketAddress(host: "127.0.0.1", port: pretended.port),
            secret: Self.secret
        )
        let results = RankThreads.results(count: 2) { index -> String in
            if index == 1 {
                return Self.words(
                    Result { try RankWorld(identity, listener: nil, .init(patience: 5)).communicator.sum([]) }
                )
            }
            let stream = try #require(pretended.accept(milliseconds: 5000))
            let peer = Peer(stream)
            // It says back what it hears: a proof of the other end, and its number.
            for _ in 0..<2 { if let message = peer.next() { peer.send(Self.frame(message)) } }
            return ""
        }
        #expect(
            try results[1].get()
                == "what answers at 127.0.0.1:\(pretended.port) doesn't know the secret of TRTLLM_RANK_SECRET"
        )
    }

    // MARK: - What is said

    private static let nonce = String(repeating: "ab", count: 32)

    /// Texts as ranks send them.
    private static func frame(_ texts: [String]) -> [UInt8] {
        let message = texts.flatMap { text -> [UInt8] in
            [0, UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255)] + Array(text.utf8)
        }
        return [UInt8(message.count & 255), UInt8(message.count >> 8), 0, 0] + message
    }
}

/// One end of a connection that is the test's own.
private final class Peer: Sendable {
    private let descriptor: Int32

    /// The end of a connection that came in.
    convenience init(_ stream: Parallel.Stream) {
        self.init(descriptor: withExtendedLifetime(stream) { dup(stream.number) })
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    convenience init(port: Int) throws {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(number, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        self.init(descriptor: number)
        try #require(code == 0)
    }

    deinit { close(descriptor) }

    /// Sends as much as the other end takes.
    func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Some bytes; none at the end.
    func some() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    /// The texts of the next message.
    func next() -> [String]? {
        guard let head = exactly(4), let body = exactly(Int(head[0]) | Int(head[1]) << 8) else { return nil }
        var (texts, rest) = ([String](), body[...])
        while rest.count >= 3 {
            let count = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) }
            texts.append(String(decoding: rest.dropFirst(3).prefix(count), as: UTF8.self))
            rest = rest.dropFirst(3 + count)
        }
        return texts
    }

    /// The messages until the other end closes.
    func rest() -> [[String]] { Array(sequence(state: ()) { _ in self.next() }) }

    private func exactly(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return count == 0 || recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
    }
}

/// Stands between a rank and rank 0, and keeps what the rank says.
private final class Relay: Sendable {
    let port: Int
    private let listener: StreamListener
    private let bytes = Mutex<[UInt8]>([])

    /// - Parameter pause: Called when the rank has been answered for the first time; what it gives is held until the end.
    init(to target: Int, pause: @escaping @Sendable () -> [Peer] = { [] }) throws {
        listener = try StreamListener(SocketAddress(host: "127.0.0.1", port: 0))
        port = listener.port
        Thread.detachNewThread { [self] in
            guard let stream = listener.accept(milliseconds: 5000), let server = try? Peer(port: target) else { return }
            let rank = Peer(stream)
            Thread.detachNewThread {
                var held: [Peer]?
                while case let some = server.some(), !some.isEmpty {
                    held = held ?? pause()
                    rank.send(some)
                }
                withExtendedLifetime(held) {}
            }
            while case let some = rank.some(), !some.isEmpty {
                bytes.withLock { $0 += some }
                server.send(some)
            }
        }
    }

    /// What the rank has said.
    func said() -> [UInt8] { bytes.withLock { $0 } }
}
