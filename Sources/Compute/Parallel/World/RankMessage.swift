/// What ranks tell each other about themselves: texts in order, each with its length in front.
enum RankMessage: Hashable {
    /// The first that both ends of a connection say: what they speak, and a number that each uses once.
    case greeting(version: Int, nonce: String)
    /// That an end of a connection knows the start's secret.
    case proof(String)
    /// A rank has come: who it is, and what it was started with.
    case hello(RankCard)
    /// All have come: how to reach each of them.
    case world([RankCard])
    /// A connection for what the ranks of a group exchange: the group, and the sender's rank in it.
    case mesh(group: String, rank: Int)
    /// The sender lives, and has as many bytes of memory.
    case alive(memory: Int)
    /// All ranks end, and why.
    case end(String)
    /// All ranks end because the work is done.
    case done

    /// What ranks speak; other versions' don't understand each other.
    static let version = 1

    /// As it is sent.
    var bytes: [UInt8] {
        var texts: [String]
        switch self {
        case .greeting(let version, let nonce): texts = ["trtllm-ranks", "\(version)", nonce]
        case .proof(let code): texts = ["proof", code]
        case .hello(let card): texts = ["hello"] + card.texts
        case .world(let cards): texts = ["world"] + cards.flatMap(\.texts)
        case .mesh(let group, let rank): texts = ["mesh", group, "\(rank)"]
        case .alive(let memory): texts = ["alive", "\(memory)"]
        case .end(let reason): texts = ["end", reason]
        case .done: texts = ["done"]
        }
        return texts.flatMap { text in
            let bytes = Array(text.utf8.prefix(FramedStream.limit / 4))
            return [UInt8(truncatingIfNeeded: bytes.count >> 16), UInt8(truncatingIfNeeded: bytes.count >> 8)]
                + [UInt8(truncatingIfNeeded: bytes.count)] + bytes
        }
    }

    /// Reads what was sent; `nil` when it isn't a message.
    init?(_ bytes: [UInt8]) {
        var texts: [String] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 3 else { return nil }
            let count = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(3)
            guard rest.count >= count else { return nil }
            texts.append(String(decoding: rest.prefix(count), as: UTF8.self))
            rest = rest.dropFirst(count)
        }
        let fields = Array(texts.dropFirst())
        switch texts.first {
        case "trtllm-ranks":
            guard fields.count == 2, let version = Int(fields[0]) else { return nil }
            self = .greeting(version: version, nonce: fields[1])
        case "proof": self = .proof(fields.first ?? "")
        case "hello":
            guard let card = RankCard(fields) else { return nil }
            self = .hello(card)
        case "world":
            let starts = stride(from: 0, to: fields.count, by: RankCard.fieldCount)
            let cards = starts.compactMap { RankCard(Array(fields[$0...].prefix(RankCard.fieldCount))) }
            guard !cards.isEmpty, cards.count == starts.underestimatedCount else { return nil }
            self = .world(cards)
        case "mesh":
            guard fields.count == 2, let rank = Int(fields[1]) else { return nil }
            self = .mesh(group: fields[0], rank: rank)
        case "alive": self = .alive(memory: fields.first.flatMap { Int($0) } ?? 0)
        case "end": self = .end(fields.first ?? "")
        case "done": self = .done
        default: return nil
        }
    }
}

/// Who a rank is and where it is found.
struct RankCard: Hashable {
    static let fieldCount = 7

    var rank: Int
    /// Number of ranks it was started with.
    var size: Int
    /// What the ranks' programs and settings must have in common, one `name=value` a line.
    var settings: String
    /// Equal where ranks can share memory.
    var host: String
    /// The host's name, for people.
    var hostName: String
    var process: Int
    /// Where other ranks connect to.
    var address: SocketAddress

    var texts: [String] {
        ["\(rank)", "\(size)", settings, host, hostName, "\(process)", "\(address)"]
    }

    init(
        rank: Int,
        size: Int,
        settings: String,
        host: String,
        hostName: String,
        process: Int,
        address: SocketAddress,
    ) {
        self.rank = rank
        self.size = size
        self.settings = settings
        self.host = host
        self.hostName = hostName
        self.process = process
        self.address = address
    }

    init?(_ texts: [String]) {
        guard texts.count == Self.fieldCount, let rank = Int(texts[0]), let size = Int(texts[1]),
            let process = Int(texts[5]), let address = SocketAddress(texts[6])
        else { return nil }
        self.init(
            rank: rank,
            size: size,
            settings: texts[2],
            host: texts[3],
            hostName: texts[4],
            process: process,
            address: address
        )
    }
}
