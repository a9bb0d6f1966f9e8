internal import Models

/// One sequence in a model's KV cache, and the logits after each of its tokens.
struct ScoredSequence {
    static let tokensPerBlock = 32
    /// Logits, `[tokens, vocabulary]`.
    private(set) var rows: [Float] = []

    private let model: any LanguageModel
    /// The blocks of the sequence, `[rows in order][groups]`.
    private let blocks: [Int32]
    /// A row of blocks that aren't the sequence's.
    private let foreignBlocks: [Int32]
    private let adapter: Adapter?
    private var position = 0

    /// Gives a model a cache for a sequence of `length` tokens, all of which have an adapter or none.
    ///
    /// - Throws: what the model throws when the memory can't be had.
    init(model: any LanguageModel, length: Int, adapter: Adapter? = nil) throws {
        self.model = model
        self.adapter = adapter
        let count = (length + Self.tokensPerBlock - 1) / Self.tokensPerBlock
        // Blocks in another order than the tokens', as they are in a server that has run for a while.
        let groupCount = model.limits.kvGroups.count
        blocks = (0..<count * groupCount).map { Int32(count * groupCount - 1 - $0) }
        foreignBlocks = (0..<groupCount).map { Int32(count * groupCount + $0) }
        try model.allocateKVCache(blockCount: (count + 1) * groupCount, tokensPerBlock: Self.tokensPerBlock)
        try model.reserve(tokens: length + Self.tokensPerBlock, logitRows: 1)
    }

    /// The token that the last row of logits says.
    var likeliest: Int32 {
        let last = rows.suffix(model.limits.vocabularySize)
        let best = last.indices.max { last[$0] < last[$1] } ?? last.startIndex
        return Int32(best - last.startIndex)
    }

    /// Takes over the keys and values of the first tokens (whole blocks) from another sequence, which begins the same and
    /// goes on with the same tokens backwards.
    mutating func reuse(_ prefix: [Int32]) {
        precondition(position == 0 && prefix.count % Self.tokensPerBlock == 0, "a reused prefix is whole blocks")
        guard !prefix.isEmpty else { return }
        let other = prefix + prefix.reversed().prefix(Self.tokensPerBlock)
        let shared = blocks.prefix(prefix.count / Self.tokensPerBlock * foreignBlocks.count)
        pass(other, blocks: shared + foreignBlocks, keeping: prefix.count)
    }

    /// Runs more tokens, at most `chunkLength` in a pass.
    mutating func run(_ tokens: some RandomAccessCollection<Int32>, chunkLength: Int) {
        var rest = tokens[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(chunkLength))
            pass(chunk, blocks: blocks, keeping: chunk.count)
            rest = rest.dropFirst(chunkLength)
        }
    }

    /// Runs tokens in some blocks; the first `count` of them are the sequence's.
    private mutating func pass(_ tokens: [Int32], blocks: [Int32], keeping count: Int) {
        let slice = ModelBatch.Slice(
            rows: 0..<tokens.count,
            position: position,
            blocks: blocks,
            logitRows: Array(0..<count),
            adapter: adapter
        )
        model.forward(ModelBatch(tokens: tokens, slices: [slice]))
        for row in 0..<count { rows += model.logits(row..<row + 1) }
        position += count
    }
}
