package import Models

/// What one iteration computes: for each scheduled sequence some tokens, where they go, and what is wanted of them.
package struct StepPlan: Sendable {
    /// One sequence's part of the iteration.
    package struct Slice: Sendable {
        /// The sequence.
        package var key: SequenceKey
        /// The tokens to compute.
        package var tokens: [Int32]
        /// Position of the first of them: the number of tokens in the KV cache already.
        package var position: Int
        /// The sequence's physical blocks, `[rows][groups]`.
        package var blocks: [Int32]
        /// Rows of `tokens` whose logits are to be reported as the prompt's, or whose hidden states are to be pooled.
        package var promptRows: Range<Int>
        /// Whether it is the hidden states.
        package var isPooled: Bool
        /// Choices whose next token the last row's logits decide; several when a prompt ends that they share.
        package var choices: [Int]
        /// How many tokens those choices have so far.
        package var outputCount: Int
        /// Whether the rows are the sequence's newest output token and those that were appended with it.
        package var isDecoding: Bool
        /// What is added to the model's products.
        package var adapter: Adapter?

        /// Rows of `tokens` whose logits are wanted, ascending.
        package var logitRows: [Int] {
            guard !isPooled else { return [] }
            let last = tokens.count - 1
            return choices.isEmpty || promptRows.contains(last) ? Array(promptRows) : Array(promptRows) + [last]
        }
    }

    /// Blocks to copy, in this order, before the forward pass.
    package var copies: [BlockCopy] = []
    /// The scheduled sequences: those of an adapter together, oldest first.
    package var slices: [Slice] = []
    /// Requests that run for the first time in this iteration.
    package var started: [UInt64] = []

    /// A plan to do nothing.
    package init() {}
}
