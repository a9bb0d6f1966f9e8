/// SentencePiece's unigram model: the segmentation with the largest sum of log probabilities, by Viterbi's algorithm
/// (Kudo 2018, "Subword Regularization").
struct Unigram: Sendable {
    private let trie: ByteTrie
    private let scores: [Double]
    private let unknown: TokenID
    /// What a character that is no piece costs.
    private let unknownScore: Double
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
        self.trie = trie
        self.scores = scores
        self.unknown = unknown ?? -1
        self.normalizer = normalizer
        unknownScore = Double(lowest - 10)
    }

    /// Appends the ids of a stretch of plain text; a run of unknown characters is one unknown token.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        let normalized = normalizer.normalize(text)
        if poll.hasToStop(after: text.count) { return }
        normalized.withUnsafeBufferPointer { segment($0, into: &output, &poll) }
    }

    private func segment(
        _ text: UnsafeBufferPointer<UInt8>,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        if text.isEmpty { return }
        // The best way to each place: its score, its last token, and where that token began.
        var best = [Double](repeating: -.greatestFiniteMagnitude, count: text.count + 1)
        var tokens = [TokenID](repeating: unknown, count: text.count + 1)
        var origins = [Int32](repeating: 0, count: text.count + 1)
        best[0] = 0
        var from = 0
        while from < text.count {
            if poll.hasToStop(after: 1) { return }
            let length = min(LenientUTF8.length(lead: text[from]), text.count - from)
            var isCovered = false
            var node = trie.root(text[from])
            var end = from + 1
            while node >= 0 {
                let id = trie.values[Int(node)]
                if id >= 0 {
                    if end - from == length { isCovered = true }
                    let score = best[from] + scores[Int(id)]
                    if score > best[end] {
                        best[end] = score
                        tokens[end] = id
                        origins[end] = Int32(truncatingIfNeeded: from)
                    }
                }
                if end == text.count { break }
                node = trie.child(of: node, text[end])
                end += 1
            }
            if !isCovered, best[from] + unknownScore > best[from + length] {
                best[from + length] = best[from] + unknownScore
                tokens[from + length] = unknown
                origins[from + length] = Int32(truncatingIfNeeded: from)
            }
            from += length
        }
        var reversed: [TokenID] = []
        var place = text.count
        var wasUnknown = false
        while place > 0 {
            let isUnknown = tokens[place] == unknown
            if !(isUnknown && wasUnknown), tokens[place] >= 0 { reversed.append(tokens[place]) }
            wasUnknown = isUnknown
            place = Int(origins[place])
        }
        output.append(contentsOf: reversed.reversed())
    }
}
