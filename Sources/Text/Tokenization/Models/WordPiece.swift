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
            let trie = from == word.lowerBound ? starts : continuations
            let found = trie.longest(in: text, at: from, limit: word.upperBound)
            if poll.hasToStop(after: (found?.end ?? from) - from + 1) { return }
            guard let found else { break }
            output.append(found.value)
            from = found.end
        }
        if from == word.upperBound { return }
        output.removeLast(output.count - before)
        if let unknown { output.append(unknown) }
    }
}
