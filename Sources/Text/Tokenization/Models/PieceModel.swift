/// The algorithm for words, with its tables, as the `tokenizers` library has them.
enum PieceModel: Sendable {
    case bpe(MergeBPE)
    case unigram(UnigramPieces)
    case sentencePieceBPE(SentencePieceBPE)
    case wordPiece(WordPiece)
    case wordLevel(unknown: TokenID?)
    /// Byte pairs joined by the rank of what they become, as tiktoken does.
    case rankedBytes(RankedBytes)

    /// Appends the ids of a word.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        _ word: Range<Int>,
        _ table: PieceTable,
        _ scratch: inout SymbolMerger,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        switch self {
        case .bpe(let model): model.encode(text, word, table, &scratch, into: &output, &poll)
        case .unigram(let model):
            model.encode(UnsafeBufferPointer(rebasing: text[word]), table, into: &output, &poll)
        case .sentencePieceBPE(let model):
            model.encode(UnsafeBufferPointer(rebasing: text[word]), table, into: &output, &poll)
        case .wordPiece(let model): model.encode(text, word, into: &output, &poll)
        case .wordLevel(let unknown):
            let id = table.id(text, word.lowerBound, word.count)
            if id >= 0 { output.append(id) } else if let unknown { output.append(unknown) }
        case .rankedBytes(let model): model.encode(text, word, table, &scratch, into: &output, &poll)
        }
    }
}
