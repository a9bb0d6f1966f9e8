/// BPE as tiktoken has it: of the neighbouring bytes those are joined first whose joint piece has the lowest rank,
/// which is its id.
struct RankedBytes: Sendable {
    /// Where the ids of ranked pieces begin: what stands before them is special.
    var firstRank: TokenID

    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        _ word: Range<Int>,
        _ table: PieceTable,
        _ merger: inout SymbolMerger,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        let id = table.id(text, word.lowerBound, word.count)
        if id >= firstRank { return output.append(id) }
        merger.reset()
        for index in word { merger.append(table.id(text, index, 1), start: index, length: 1) }
        merger.merge(
            { left, right in
                let id = table.id(text, left.start, left.length + right.length)
                return id < 0 ? (.max, -1) : (UInt32(bitPattern: id), id)
            },
            &poll
        )
        for id in merger.ids where id >= 0 { output.append(id) }
    }
}
