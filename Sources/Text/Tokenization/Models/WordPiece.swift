/// WordPiece: from the left the longest piece that fits (Schuster and Nakajima 2012, as BERT has it).
struct WordPiece: Sendable {
    private var starts: ByteTrie
    private var continuations: ByteTrie
    private let unknown: TokenID?
    /// Words of more characters are unknown.
    private let longestWord: Int

    init(_ table: PieceTable, continuingPrefix: [UInt8], unknown: TokenID?, longestWord: Int) {
        starts = ByteTrie(expectedNodes: table.runs.bytes.count / 2)
        continuations = ByteTrie(expectedNodes: table.runs.bytes.count / 4)
        self.unknown = unknown
        self.longestWord = longestWord
        for id in 0..<table.count {
            let piece = table.runs[id]
            starts.insert(piece, value: TokenID(id))
            if piece.starts(with: continuingPrefix) {
                continuations.insert(piece.dropFirst(continuingPrefix.count), value: TokenID(id))
            }
        }
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        _ word: Range<Int>,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        let before = output.count
        var characters = 0
        for index in word where text[index] & 0xC0 != 0x80 { characters += 1 }
        var from = word.lowerBound
        while from < word.upperBound, characters <= longestWord {
            let (end, id) = longest(from == word.lowerBound ? starts : continuations, text, from..<word.upperBound)
            if poll.hasToStop(after: end - from + 1) { return }
            if id < 0 { break }
            output.append(id)
            from = end
        }
        if from == word.upperBound { return }
        output.removeLast(output.count - before)
        if let unknown { output.append(unknown) }
    }

    /// The longest piece at the beginning of a text that ends where a character does.
    private func longest(
        _ trie: ByteTrie,
        _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
    ) -> (end: Int, id: TokenID) {
        var found: (end: Int, id: TokenID) = (range.lowerBound, -1)
        var node = trie.root(text[range.lowerBound])
        var end = range.lowerBound + 1
        while node >= 0 {
            if trie.values[Int(node)] >= 0 { found = (end, trie.values[Int(node)]) }
            if end == range.upperBound { break }
            node = trie.child(of: node, text[end])
            end += 1
        }
        return found
    }
}
