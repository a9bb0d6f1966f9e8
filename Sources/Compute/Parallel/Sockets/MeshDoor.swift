internal import Synchronization

/// Where the connections of a rank's groups come in, each for the group that it names.
///
/// A rank may be in its next group already when this one still waits for the others of the last.
final class MeshDoor: Sendable {
    let secret: RankSecret
    private let reception: Mutex<Reception>
    private let waiting = Mutex<[String: Stream]>([:])

    init(listener: StreamListener, secret: RankSecret) {
        self.secret = secret
        reception = Mutex(Reception(listener, secret))
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
            guard let (link, opening) = reception.withLock({ $0.next(milliseconds: 100) }),
                case .mesh(let group, let rank) = opening
            else { continue }
            waiting.withLock { $0["\(group) \(rank)"] = link.stream }
        }
    }
}
