internal import Parallel

/// What rank 0 tells the others of adapters.
enum AdapterMessage: Sendable, Hashable {
    /// Load a directory as the adapter of an id, and reply.
    case load(id: UInt64, directory: String)
    /// Forget the adapter of an id once as many batches have begun: none behind them has it.
    case drop(id: UInt64, behind: Int)
    /// No more of these come.
    case stop

    /// Integers in front of a message: what it is, how many bytes follow, and two operands.
    private static let headCount = 4
    /// Most bytes of a directory's path: more than the system takes.
    private static let longestPath = 1 << 16

    private var head: [Int64] {
        switch self {
        case .load(let id, let directory): [0, Int64(directory.utf8.count), Int64(bitPattern: id), 0]
        case .drop(let id, let behind): [1, 0, Int64(bitPattern: id), Int64(behind)]
        case .stop: [2, 0, 0, 0]
        }
    }

    /// Whether it can be sent.
    var fits: Bool {
        if case .load(_, let directory) = self { directory.utf8.count <= Self.longestPath } else { true }
    }

    /// Sends it to another rank.
    func send(_ ranks: any Communicator, to rank: Int) throws(CommunicatorError) {
        try ranks.send(head, to: rank)
        if case .load(_, let directory) = self, !directory.isEmpty {
            try ranks.send(Array(directory.utf8), to: rank)
        }
    }

    /// Waits for what rank 0 sends.
    static func next(_ ranks: any Communicator) throws(CommunicatorError) -> AdapterMessage {
        let head: [Int64] = try ranks.receive(headCount, from: 0)
        let id = UInt64(bitPattern: head[2])
        switch head[0] {
        case 0 where (0...Int64(longestPath)).contains(head[1]):
            let bytes: [UInt8] = head[1] == 0 ? [] : try ranks.receive(Int(head[1]), from: 0)
            return .load(id: id, directory: String(decoding: bytes, as: UTF8.self))
        case 1: return .drop(id: id, behind: Int(head[3]))
        case 2: return .stop
        default: throw .failed("rank 0 sent what isn't a message about adapters")
        }
    }
}

/// How a rank has loaded its part of an adapter.
enum AdapterReply: Sendable, Hashable {
    /// It has, from files of this checksum.
    case loaded(UInt64)
    /// It hasn't, for a reason that is cut short.
    case refused(String)

    /// Bytes of a reply: which it is, and the checksum or the reason.
    private static let byteCount = 512

    /// Sends it to rank 0.
    func send(_ ranks: any Communicator) throws(CommunicatorError) {
        var bytes: [UInt8] =
            switch self {
            case .loaded(let checksum): [1] + withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
            case .refused(let reason): [0] + reason.utf8.prefix(Self.byteCount - 1)
            }
        bytes += Array(repeating: 0, count: Self.byteCount - bytes.count)
        try ranks.send(bytes, to: 0)
    }

    /// Waits for a rank's reply.
    static func next(_ ranks: any Communicator, from rank: Int) throws(CommunicatorError) -> AdapterReply {
        let bytes: [UInt8] = try ranks.receive(byteCount, from: rank)
        guard bytes[0] == 0 else { return .loaded(bytes[1...8].reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
        return .refused(String(decoding: bytes.dropFirst().prefix { $0 != 0 }, as: UTF8.self))
    }
}
