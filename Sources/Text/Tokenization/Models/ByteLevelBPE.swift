/// Byte-level BPE: words by the pre-tokenizer, then merges within each.
struct ByteLevelBPE: Sendable {
    private let preTokenizer: PreTokenizer
    private let merges: MergeTable
    /// The piece of each byte, its character in the byte alphabet or `<0xXX>` for plain-text pieces; -1 for none.
    private let bytePieces: [TokenID]

    /// - Throws: `TokenizerError` from the catalog or the merges.
    init(
        _ description: TokenizerDescription,
        _ preTokenizer: PreTokenizer,
        _ table: PieceTable,
        _ attributes: [TokenAttributes],
    ) throws(TokenizerError) {
        if description.merges.isEmpty { throw .missingMerges }
        self.preTokenizer = preTokenizer
        merges = try MergeTable(description.merges, table, attributes)
        bytePieces = (0..<256).map { byte in
            table.id(preTokenizer.isPlainText ? BytePiece.name(UInt8(byte)) : ByteAlphabet.characters[byte])
        }
    }

    /// Whether each byte of a text ends up in some token.
    var keepsEveryByte: Bool { bytePieces.allSatisfy { $0 >= 0 } }

    /// Appends the ids of a stretch of plain text.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        _ table: PieceTable,
        _ attributes: [TokenAttributes],
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        let points = preTokenizer.isPlainText ? CodePoints(SpaceMark.escaping(text)) : CodePoints(text)
        if poll.hasToStop(after: text.count) { return }
        let ends = preTokenizer.wordEnds(of: points, &poll)
        var merger = SymbolMerger()
        var spelled: [UInt8] = []
        points.bytes.withUnsafeBufferPointer { bytes in
            var from = 0
            for end in ends {
                let start = Int(points.starts[from])
                let length = Int(points.starts[end]) - start
                if poll.hasToStop(after: length) { return }
                if let whole = wholeWord(bytes, start, length, table, attributes, &spelled) {
                    output.append(whole)
                } else if preTokenizer.isPlainText {
                    encodePlain(bytes, points, from, end, table, &merger, &output, &poll)
                } else {
                    encodeBytes(bytes, start, length, &merger, &output, &poll)
                }
                from = end
            }
        }
    }

    /// The piece that is the whole word, for the pre-tokenizers that ask for it before merging.
    private func wholeWord(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        _ length: Int,
        _ table: PieceTable,
        _ attributes: [TokenAttributes],
        _ spelled: inout [UInt8],
    ) -> TokenID? {
        var id: TokenID = -1
        if preTokenizer.ignoresMerges, length <= table.longest {
            spelled.removeAll(keepingCapacity: true)
            for index in start..<start + length {
                spelled.append(contentsOf: ByteAlphabet.characters[Int(bytes[index])])
            }
            id = table.id(spelled)
        } else if preTokenizer.keepsLineFeeds, bytes[start] == 0x0A {
            id = table.id(bytes, start, length)
        }
        return id >= 0 && attributes[Int(id)].isDisjoint(with: .special) ? id : nil
    }

    private func encodeBytes(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        _ length: Int,
        _ merger: inout SymbolMerger,
        _ output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        merger.reset()
        for index in start..<start + length {
            merger.append(bytePieces[Int(bytes[index])], start: index, length: 1)
        }
        merger.merge(pair, &poll)
        // A byte without a piece has nothing to become, as in llama.cpp; complete alphabets have none.
        for id in merger.ids where id >= 0 { output.append(id) }
    }

    private func encodePlain(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ points: CodePoints,
        _ from: Int,
        _ to: Int,
        _ table: PieceTable,
        _ merger: inout SymbolMerger,
        _ output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        merger.reset()
        for index in from..<to {
            let start = Int(points.starts[index])
            let length = Int(points.starts[index + 1]) - start
            merger.append(table.id(bytes, start, length), start: start, length: length)
        }
        merger.merge(pair, &poll)
        for index in 0..<merger.count {
            if merger.ids[index] >= 0 {
                output.append(merger.ids[index])
                continue
            }
            let start = Int(merger.starts[index])
            for byte in bytes[start..<start + merger.length(index)] where bytePieces[Int(byte)] >= 0 {
                output.append(bytePieces[Int(byte)])
            }
        }
    }

    @inline(__always)
    private func pair(_ left: SymbolMerger.Symbol, _ right: SymbolMerger.Symbol) -> SymbolMerger.Pair {
        if left.id < 0 || right.id < 0 { return (.max, -1) }
        let found = merges.merge(left.id, right.id)
        return (found.rank, found.merged)
    }
}
