/// SentencePiece's BPE: the neighbours whose joint piece has the best score are joined first, over the whole text.
struct SentencePieceBPE: Sendable {
    /// Each piece's place in the order of joining, smallest first; `UInt32.max` for pieces that text never becomes.
    private let priorities: [UInt32]
    /// The token of each byte: `<0xXX>`, else the byte's own piece, else the unknown token, else -1.
    private let bytePieces: [TokenID]
    /// The characters that stand before a space mark inside some piece; behind all others a mark begins a new word.
    private let beforeMark: Set<UInt32>

    /// The unknown token where a run of unknown characters is one of it.
    private let joinedUnknown: TokenID?

    init(
        _ description: TokenizerDescription,
        _ table: PieceTable,
        _ attributes: [TokenAttributes],
        _ unknown: TokenID?,
        joinsUnknown: Bool = false,
    ) {
        joinedUnknown = joinsUnknown ? unknown : nil
        priorities = attributes.enumerated().map { id, attribute in
            if !attribute.isDisjoint(with: [.control, .unknown, .byte]) { return .max }
            return Self.priority(description.scores.isEmpty ? 0 : description.scores[id])
        }
        bytePieces = (0..<256).map { value in
            let byte = UInt8(value)
            for name in [BytePiece.name(byte), [byte]] {
                let id = table.id(name)
                if id >= 0 { return id }
            }
            return unknown ?? -1
        }
        var beforeMark: Set<UInt32> = []
        let mark = Self.code(SpaceMark.bytes[...])
        for id in 0..<table.count where priorities[id] != .max {
            let piece = table.runs[id]
            var last: UInt32?
            var index = piece.startIndex
            while index < piece.endIndex {
                let end = min(index + LenientUTF8.length(lead: piece[index]), piece.endIndex)
                let code = Self.code(piece[index..<end])
                if code == mark, let last { beforeMark.insert(last) }
                last = code
                index = end
            }
        }
        self.beforeMark = beforeMark
    }

    /// Whether each byte of a text ends up in some token.
    var keepsEveryByte: Bool { bytePieces.allSatisfy { $0 >= 0 } }

    /// Appends the ids of a stretch of text in which spaces are marks already.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        _ table: PieceTable,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        var merger = SymbolMerger()
        let mark = Self.code(SpaceMark.bytes[...])
        var last: UInt32?
        var index = 0
        while index < text.count {
            let length = min(LenientUTF8.length(lead: text[index]), text.count - index)
            if poll.hasToStop(after: length) { return }
            let code = Self.code(text[index..<index + length])
            if code == mark, let last, !beforeMark.contains(last) { flush(&merger, text, table, &output, &poll) }
            merger.append(-1, start: index, length: length)
            last = code
            index += length
        }
        flush(&merger, text, table, &output, &poll)
    }

    /// Merges the word gathered so far and appends its ids.
    private func flush(
        _ merger: inout SymbolMerger,
        _ text: UnsafeBufferPointer<UInt8>,
        _ table: PieceTable,
        _ output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        merger.merge(
            { left, right in
                let id = table.id(text, left.start, left.length + right.length)
                return id < 0 ? (.max, -1) : (priorities[Int(id)], id)
            },
            &poll
        )
        for index in 0..<merger.count {
            let start = Int(merger.starts[index])
            let length = merger.length(index)
            // Symbols that were never joined are single characters without an id yet.
            let id = merger.ids[index] >= 0 ? merger.ids[index] : table.id(text, start, length)
            if id >= 0, priorities[Int(id)] != .max {
                output.append(id)
                continue
            }
            if let joinedUnknown {
                if output.last != joinedUnknown { output.append(joinedUnknown) }
                continue
            }
            for byte in text[start..<start + length] where bytePieces[Int(byte)] >= 0 {
                output.append(bytePieces[Int(byte)])
            }
        }
        merger.reset()
    }

    /// A number that is smaller for better scores; scores are no NaN.
    private static func priority(_ score: Float) -> UInt32 {
        let bits = (score + 0).bitPattern
        let ascending = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
        return ~ascending
    }

    /// A character's bytes as one number.
    @inline(__always)
    private static func code(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
