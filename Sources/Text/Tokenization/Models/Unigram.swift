/// SentencePiece's unigram model: the segmentation with the largest sum of log probabilities, by Viterbi's algorithm
/// (Kudo 2018, "Subword Regularization").
struct Unigram: Sendable {
    private let lattice: UnigramLattice
    private let normalizer: UnigramNormalizer

    init(
        _ description: TokenizerDescription,
        _ table: PieceTable,
        _ attributes: [TokenAttributes],
        unknown: TokenID?,
        normalizer: UnigramNormalizer,
    ) {
        var trie = ByteTrie(expectedNodes: table.runs.bytes.count / 2)
        var scores = [Double](repeating: 0, count: table.count)
        var lowest = Float.greatestFiniteMagnitude
        for (id, attribute) in attributes.enumerated() {
            let score = description.scores.isEmpty ? 0 : description.scores[id]
            if attribute.contains(.normal) { lowest = min(lowest, score) }
            if !attribute.isDisjoint(with: [.normal, .userDefined, .unused]), attribute.isDisjoint(with: .special) {
                trie.insert(table.runs[id], value: TokenID(id))
            }
            // What the model's maker added always beats what was learned.
            scores[id] = attribute.contains(.userDefined) ? 0 : Double(score)
        }
        lattice = UnigramLattice(
            trie: trie,
            scores: scores,
            unknown: unknown ?? -1,
            unknownScore: Double(lowest - 10),
        )
        self.normalizer = normalizer
    }

    /// Appends the ids of a stretch of plain text; a run of unknown characters is one unknown token.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        let normalized = normalizer.normalize(text)
        if poll.hasToStop(after: text.count) { return }
        normalized.withUnsafeBufferPointer { text in
            for (_, id) in lattice.segments(of: text, &poll) where id >= 0 { output.append(id) }
        }
    }
}
