internal import Checkpoints
internal import Models

/// Sequences that go through a model together, and what comes of their hidden states.
struct EmbeddedSequences {
    private struct Sequence {
        let tokens: ArraySlice<Int32>
        let blocks: [Int32]
        var computed = 0
        /// One for the sequence, or one for each of its tokens.
        var states: [PooledStates] = []

        var rest: ArraySlice<Int32> { tokens.dropFirst(computed) }
    }

    private static let tokensPerBlock = 32

    private let model: any LanguageModel
    private let pooling: Pooling
    private var sequences: [Sequence] = []

    /// Gives a model a cache for sequences that lie in `tokens` one after the other.
    ///
    /// - Throws: what the model throws when the memory can't be had.
    init(model: any LanguageModel, tokens: [Int32], lengths: [Int], pooling: Pooling) throws {
        self.model = model
        self.pooling = pooling
        var (start, block) = (0, 0)
        for length in lengths {
            let count = (length + Self.tokensPerBlock - 1) / Self.tokensPerBlock * model.limits.kvGroups.count
            let blocks = (block..<block + count).map(Int32.init)
            sequences.append(Sequence(tokens: tokens[start..<start + length], blocks: blocks))
            (start, block) = (start + length, block + count)
        }
        try model.allocateKVCache(blockCount: block, tokensPerBlock: Self.tokensPerBlock)
        try model.reserve(tokens: tokens.count, logitRows: 1)
    }

    /// Vectors of all sequences, or of all their tokens, `[..., hidden]`.
    var vectors: [Float] { sequences.flatMap { $0.states.flatMap(\.mean) } }

    /// Runs all sequences, at most `chunkLength` tokens of each in a pass.
    mutating func run(chunkLength: Int) {
        while sequences.contains(where: { !$0.rest.isEmpty }) {
            var batch = ModelBatch()
            for sequence in sequences {
                let (first, chunk) = (batch.tokens.count, sequence.rest.prefix(chunkLength))
                batch.tokens += chunk
                batch.slices.append(
                    ModelBatch.Slice(
                        rows: first..<batch.tokens.count,
                        position: sequence.computed,
                        blocks: sequence.blocks,
                        hiddenRows: wanted(of: sequence, chunk.count)
                    )
                )
            }
            model.forward(batch)
            var row = 0
            for (index, slice) in batch.slices.enumerated() {
                sequences[index].computed += slice.rows.count
                take(row..<row + slice.hiddenRows.count, for: index)
                row += slice.hiddenRows.count
            }
        }
    }

    /// The rows of a chunk of so many tokens whose hidden states are wanted.
    private func wanted(of sequence: Sequence, _ count: Int) -> Range<Int> {
        guard pooling != .none else { return 0..<count }
        let positions = pooling.positions(of: sequence.tokens.count)
        let wanted = positions.clamped(to: sequence.computed..<sequence.computed + count)
        return wanted.isEmpty ? 0..<0 : wanted.lowerBound - sequence.computed..<wanted.upperBound - sequence.computed
    }

    private mutating func take(_ rows: Range<Int>, for index: Int) {
        let width = model.limits.hiddenSize
        guard pooling != .none else {
            for row in rows {
                var state = PooledStates(width: width)
                state.add(row..<row + 1, of: model)
                sequences[index].states.append(state)
            }
            return
        }
        if sequences[index].states.isEmpty { sequences[index].states = [PooledStates(width: width)] }
        sequences[index].states[0].add(rows, of: model)
    }
}
