/// One iteration's work for the model: prefill chunks and decode tokens of many sequences, packed without padding.
public struct ModelBatch: Sendable, Hashable {
    /// One sequence's rows in the batch.
    public struct Slice: Sendable, Hashable {
        /// Rows of `tokens` that belong to this sequence; the rows of all slices are consecutive and cover the batch.
        public var rows: Range<Int>
        /// Position in the sequence of the first row: the number of its tokens that are in the KV cache already.
        public var position: Int
        /// Physical KV blocks of the sequence, `[blocks in order][groups]`, enough for `position + rows.count` tokens;
        /// negative where no row of the group's layers looks any more.
        public var blocks: [Int32]
        /// The rows (relative to `rows.lowerBound`, ascending) whose logits are wanted; empty for a prefill chunk that
        /// doesn't end its prompt.
        public var logitRows: [Int]
        /// The rows, counted likewise, whose hidden states are wanted.
        public var hiddenRows: Range<Int>
        /// What is added to the model's products in these rows.
        public var adapter: Adapter?

        /// A sequence's rows.
        public init(
            rows: Range<Int>,
            position: Int,
            blocks: [Int32],
            logitRows: [Int] = [],
            hiddenRows: Range<Int> = 0..<0,
            adapter: Adapter? = nil,
        ) {
            self.adapter = adapter
            self.rows = rows
            self.position = position
            self.blocks = blocks
            self.logitRows = logitRows
            self.hiddenRows = hiddenRows
        }

        /// All rows that something is wanted of, ascending.
        var outputRows: [Int] {
            guard !hiddenRows.isEmpty else { return logitRows }
            return logitRows.filter { $0 < hiddenRows.lowerBound } + hiddenRows
                + logitRows.filter { $0 >= hiddenRows.upperBound }
        }
    }

    /// Token ids, `[tokens]`.
    public var tokens: [Int32]
    /// The sequences the tokens belong to.
    public var slices: [Slice]

    /// A batch of slices.
    public init(tokens: [Int32] = [], slices: [Slice] = []) {
        self.tokens = tokens
        self.slices = slices
    }

    /// How many rows of logits the batch asks for.
    public var logitRowCount: Int { slices.reduce(0) { $0 + $1.logitRows.count } }
    /// How many hidden states it asks for.
    public var hiddenRowCount: Int { slices.reduce(0) { $0 + $1.hiddenRows.count } }

    /// The ids of the slices' adapters, 0 where there is none; none where no slice has one.
    var adapterIDs: [UInt64] {
        slices.contains { $0.adapter != nil } ? slices.map { $0.adapter?.id ?? 0 } : []
    }
}
