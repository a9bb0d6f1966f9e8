/// The segmentation of a text with the largest sum of scores, by Viterbi's algorithm.
struct UnigramLattice: Sendable {
    let trie: ByteTrie
    /// One for each piece.
    let scores: [Double]
    /// The token of characters that are no piece, or -1.
    let unknown: TokenID
    /// What a character that is no piece costs.
    let unknownScore: Double
    /// Whether sums are kept in 32 bits, as SentencePiece keeps them.
    var roundsSums = false

    /// The pieces of a text in order, unknown characters in a row as one; some of them when it is to stop.
    func segments(
        of text: UnsafeBufferPointer<UInt8>,
        _ poll: inout CancellationPoll,
    ) -> [(range: Range<Int>, id: TokenID)] {
        if text.isEmpty { return [] }
        // The best way to each place: its score, its last token, and where that token began.
        var best = [Double](repeating: -.greatestFiniteMagnitude, count: text.count + 1)
        var tokens = [TokenID](repeating: unknown, count: text.count + 1)
        var origins = [Int32](repeating: 0, count: text.count + 1)
        best[0] = 0
        var from = 0
        while from < text.count {
            if poll.hasToStop(after: 1) { return [] }
            let length = min(LenientUTF8.length(lead: text[from]), text.count - from)
            var isCovered = false
            var node = trie.root(text[from])
            var end = from + 1
            while node >= 0 {
                let id = trie.values[Int(node)]
                if id >= 0 {
                    if end - from == length { isCovered = true }
                    let score = rounded(best[from] + scores[Int(id)])
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
            let unknownSum = rounded(best[from] + unknownScore)
            if !isCovered, unknownSum > best[from + length] {
                best[from + length] = unknownSum
                tokens[from + length] = unknown
                origins[from + length] = Int32(truncatingIfNeeded: from)
            }
            from += length
        }
        return path(tokens, origins)
    }

    @inline(__always)
    private func rounded(_ score: Double) -> Double { roundsSums ? Double(Float(score)) : score }

    /// The way back from the end, forwards.
    private func path(_ tokens: [TokenID], _ origins: [Int32]) -> [(range: Range<Int>, id: TokenID)] {
        var reversed: [(range: Range<Int>, id: TokenID)] = []
        var place = tokens.count - 1
        while place > 0 {
            let origin = Int(origins[place])
            if tokens[place] == unknown, let last = reversed.last, last.id == unknown {
                reversed[reversed.count - 1].range = origin..<last.range.upperBound
            } else {
                reversed.append((origin..<place, tokens[place]))
            }
            place = origin
        }
        return reversed.reversed()
    }
}
