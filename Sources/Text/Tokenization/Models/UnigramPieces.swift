/// Unigram as the `tokenizers` library has it: all pieces may be made of text, and unknown characters in a row are
/// looked up together before they become their bytes or the unknown token.
struct UnigramPieces: Sendable {
    private let lattice: UnigramLattice
    private let unknown: TokenID?
    /// The pieces `<0xXX>`; empty when characters don't become their bytes, or some byte has none.
    private let fallbackBytes: [TokenID]

    init(lattice: UnigramLattice, unknown: TokenID?, fallbackBytes: [TokenID]) {
        self.lattice = lattice
        self.unknown = unknown
        self.fallbackBytes = fallbackBytes
    }

    init(_ table: PieceTable, scores: [Double], unknown: TokenID?, fallsBackToBytes: Bool) {
        var trie = ByteTrie(expectedNodes: table.runs.bytes.count / 2)
        for id in 0..<table.count { trie.insert(table.runs[id], value: TokenID(id)) }
        let lowest = scores.min() ?? 0
        lattice = UnigramLattice(trie: trie, scores: scores, unknown: unknown ?? -1, unknownScore: lowest - 10)
        self.unknown = unknown
        fallbackBytes = fallsBackToBytes ? (0..<256).map { table.id(BytePiece.name(UInt8($0))) } : []
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        _ table: PieceTable,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        for (range, id) in lattice.segments(of: text, &poll) {
            if id >= 0, id != unknown {
                output.append(id)
                continue
            }
            let known = table.id(text, range.lowerBound, range.count)
            if known >= 0 {
                output.append(known)
                continue
            }
            let bytes = fallbackBytes.isEmpty ? [] : text[range].map { fallbackBytes[Int($0)] }
            if !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0 }) {
                output.append(contentsOf: bytes)
            } else if let unknown {
                output.append(unknown)
            }
        }
    }
}
