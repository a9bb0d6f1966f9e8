internal import Checkpoints
internal import Parallel
internal import Synchronization

/// The adapters of a rank other than 0: its parts of those that rank 0 has.
public final class RankAdapters: Sendable {
    private struct Leaving {
        let id: UInt64
        let behind: Int
    }

    private struct State {
        var held: [UInt64: Adapter] = [:]
        /// What goes when so many batches have begun.
        var leaving: [Leaving] = []
        var begunCount = 0

        mutating func dropWhatMayGo() {
            for place in leaving where place.behind <= begunCount { held[place.id] = nil }
            leaving.removeAll { $0.behind <= begunCount }
        }
    }

    private let shard: DecoderModel
    private let ranks: any Communicator
    private let rules: AdapterRules
    private let state = Mutex(State())

    /// None yet; `nil` for a group without adapters.
    public init?(_ shard: DecoderModel, _ group: RankGroup, _ rules: AdapterRules) {
        guard let ranks = group.adapters else { return nil }
        self.shard = shard
        self.ranks = ranks
        self.rules = rules
    }

    /// How many adapters it has parts of.
    package var count: Int { state.withLock { $0.held.count } }

    /// Loads and forgets what rank 0 wants until that stops it; on a thread beside the one that computes.
    ///
    /// - Throws: `CommunicatorError` when ranks are lost, or rank 0 sends what isn't a message.
    public func run() throws {
        while true {
            switch try AdapterMessage.next(ranks) {
            case .load(let id, let directory): try load(directory, id).send(ranks)
            case .drop(let id, let behind):
                state.withLock { state in
                    state.leaving.append(Leaving(id: id, behind: behind))
                    state.dropWhatMayGo()
                }
            case .stop: return
            }
        }
    }

    private func load(_ directory: String, _ id: UInt64) -> AdapterReply {
        do throws(ModelError) {
            let (adapter, checksum) = try shard.loadPart(directory, rules)
            state.withLock { $0.held[id] = adapter }
            return .loaded(checksum)
        } catch {
            return .refused(error.description)
        }
    }

    /// Puts adapters to the slices of a batch that begins.
    ///
    /// - Throws: `CommunicatorError.failed` if rank 0 names one that isn't here.
    func begin(_ batch: inout ModelBatch, _ ids: [UInt64]) throws(CommunicatorError) {
        let adapters = state.withLock { state in
            defer {
                state.begunCount += 1
                state.dropWhatMayGo()
            }
            return ids.map { state.held[$0] }
        }
        for (index, id) in ids.enumerated() where id != 0 {
            guard let adapter = adapters[index] else { throw .failed("rank 0 sent a batch with an unknown adapter") }
            batch.slices[index].adapter = adapter
        }
    }
}

extension DecoderModel {
    /// Loads a rank's part of an adapter.
    ///
    /// - Returns: the part, and a checksum of the files that it comes from.
    func loadPart(
        _ directory: String,
        _ rules: AdapterRules,
        name: String = "",
        lease: AdapterLease? = nil,
    ) throws(ModelError) -> (adapter: Adapter, checksum: UInt64) {
        let stored = try StoredAdapter(directory, rules)
        let adapter = try build(stored, rules).adapter(name: name, lease: lease)
        do {
            return (adapter, try stored.checksum())
        } catch {
            throw .checkpoint(error)
        }
    }
}
