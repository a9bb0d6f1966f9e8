internal import Synchronization

/// Where the connections of a rank's groups come in, each for the group that it names.
///
/// A rank may be in its next group already when this one still waits for the others of the last.
final class MeshDoor: Sendable {
    let listener: StreamListener
    let secret: String
    private let waiting = Mutex<[String: Stream]>([:])

    init(listener: StreamListener, secret: String) {
        self.listener = listener
        self.secret = secret
    }

    /// The connection of a group's rank.
    ///
    /// - Throws: `CommunicatorError.failed` when it hasn't come by the deadline, or what `interruption` says.
    func connection(
        _ group: String,
        from rank: Int,
        _ deadline: Deadline,
        _ interruption: Interruption,
    ) throws(CommunicatorError) -> Stream {
        let key = "\(group) \(rank)"
        while true {
            if let stream = waiting.withLock({ $0.removeValue(forKey: key) }) { return stream }
            try interruption.check()
            guard !deadline.isOver else { throw .failed("rank \(rank) of a group of ranks hasn't connected in time") }
            guard let stream = listener.accept(milliseconds: 100) else { continue }
            // Whoever isn't one of us, or says nothing, is sent away.
            guard let bytes = try? FramedStream(stream).receive(Deadline(seconds: 2)),
                case .mesh(let group, let rank, secret)? = RankMessage(bytes)
            else { continue }
            waiting.withLock { $0["\(group) \(rank)"] = stream }
        }
    }
}
