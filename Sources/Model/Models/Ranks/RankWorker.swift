internal import Parallel

/// What a rank other than 0 does: the calls that rank 0's `DistributedModel` makes, on its own part of the model.
public struct RankWorker: Sendable {
    private let shard: DecoderModel
    private let group: RankGroup
    private let adapters: RankAdapters?

    /// A worker with its part of a model.
    ///
    /// Precondition: this isn't rank 0, and the part was loaded with the group.
    public init(_ shard: DecoderModel, _ group: RankGroup, _ adapters: RankAdapters? = nil) {
        precondition(group.rank > 0 && shard.ranks === group, "a worker on rank \(group.rank)")
        self.shard = shard
        self.group = group
        self.adapters = adapters
    }

    /// Does what rank 0 wants until that stops it.
    ///
    /// - Throws: `CommunicatorError` when ranks are lost, or rank 0 sends what isn't a command.
    public func run() throws {
        group.clock.see()
        try group.clock.busy(.other) { try work() }
    }

    private func work() throws {
        while true {
            switch try group.nextCommand() {
            case .allocate(let blockCount, let tokensPerBlock):
                try answer { try shard.allocateKVCache(blockCount: blockCount, tokensPerBlock: tokensPerBlock) }
            case .reserve(let tokens, let logitRows):
                try answer { try shard.reserve(tokens: tokens, logitRows: logitRows) }
            case .begin(var batch, let ids):
                try adapters?.begin(&batch, ids)
                shard.begin(batch)
                // The last stage is told when rank 0 wants what waits there; nothing else is wanted behind the first.
                let isLast = group.place.stage == group.layout.pipelineParallel - 1
                if group.place.stage > 0, !(isLast && shard.holdsNewest) { shard.finish() }
            case .finish: shard.finish()
            case .logits(let rows): _ = shard.logits(rows)
            case .copyBlock(let source, let destination): shard.copyBlock(from: source, to: destination)
            case .stop: return
            }
            try group.check()
        }
    }

    /// Makes a call, and tells rank 0 how it went.
    private func answer(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            return try group.reply("\(error)")
        }
        try group.reply(nil)
    }
}
