internal import Parallel
internal import Synchronization

/// The adapters of a model that ranks compute together, as rank 0 sees them.
///
/// Rank 0 alone decides which there are. Each rank loads its part of one, from files of its own host, before rank 0 gives the
/// adapter to anybody. They talk by a communicator of their own, so that batches don't wait for files. An adapter that nobody
/// uses any more is forgotten by the others when the next one is loaded, behind the batches that had it.
final class DistributedAdapters: Sendable {
    private struct Conversation {
        let ranks: any Communicator
        /// Why there can't be another one.
        var end: String?
    }

    /// An adapter that has gone, and how many batches had begun by then.
    private struct Gone {
        let id: UInt64
        let behind: Int
    }

    private let conversation: Mutex<Conversation>
    private let gone = Mutex<[Gone]>([])
    private let begunCount = Atomic(0)

    /// Nobody has an adapter yet.
    init(_ ranks: any Communicator) { conversation = Mutex(Conversation(ranks: ranks)) }

    /// Says that the next batch begins.
    func begin() { begunCount.add(1, ordering: .relaxed) }

    /// Loads an adapter on all ranks.
    ///
    /// - Parameter own: Loads this rank's part, with a checksum of its files.
    /// - Throws: `ModelError`: what `own` throws; `onRank` with the first other rank that can't load its part or has other
    ///   files; `lost`.
    func load(
        _ directory: String,
        own: (AdapterLease) throws(ModelError) -> (adapter: Adapter, checksum: UInt64),
    ) throws(ModelError) -> Adapter {
        let result = conversation.withLock { conversation in
            Result { () throws(ModelError) in try Self.load(directory, &conversation, self, own) }
        }
        return try result.get()
    }

    private static func load(
        _ directory: String,
        _ conversation: inout Conversation,
        _ adapters: DistributedAdapters,
        _ own: (AdapterLease) throws(ModelError) -> (adapter: Adapter, checksum: UInt64),
    ) throws(ModelError) -> Adapter {
        if let end = conversation.end { throw .lost(end) }
        let lease = AdapterLease { [weak adapters] id in adapters?.noteEnd(of: id) }
        let message = AdapterMessage.load(id: lease.id, directory: directory)
        guard message.fits else { throw .badConfiguration(field: "adapter", value: "path", reason: "it is too long") }
        let drops = adapters.takeGone().map { AdapterMessage.drop(id: $0.id, behind: $0.behind) }
        let mine: Result<(adapter: Adapter, checksum: UInt64), ModelError>
        var replies: [AdapterReply] = []
        do throws(CommunicatorError) {
            let others = 1..<conversation.ranks.size
            for message in drops + [message] {
                for rank in others { try message.send(conversation.ranks, to: rank) }
            }
            mine = Result { () throws(ModelError) in try own(lease) }
            for rank in others { replies.append(try .next(conversation.ranks, from: rank)) }
        } catch {
            conversation.end = "\(error)"
            throw .lost("\(error)")
        }
        let (adapter, checksum) = try mine.get()
        for (index, reply) in replies.enumerated() {
            switch reply {
            case .loaded(checksum): continue
            case .loaded: throw .onRank(index + 1, "the adapter in \(directory) isn't the one that rank 0 has there")
            case .refused(let reason): throw .onRank(index + 1, reason)
            }
        }
        return adapter
    }

    /// Tells the other ranks that no more come.
    func stop() {
        conversation.withLock { conversation in
            guard conversation.end == nil else { return }
            conversation.end = "the ranks have stopped"
            for rank in 1..<conversation.ranks.size { try? AdapterMessage.stop.send(conversation.ranks, to: rank) }
        }
    }

    private func noteEnd(of id: UInt64) {
        // Whatever batch has had it has been counted before it went.
        let behind = begunCount.load(ordering: .relaxed)
        gone.withLock { $0.append(Gone(id: id, behind: behind)) }
    }

    private func takeGone() -> [Gone] {
        gone.withLock { gone in
            defer { gone = [] }
            return gone
        }
    }
}
