/// The algorithm for stretches of plain text, with its tables.
enum TextModel: Sendable {
    case byteLevelBPE(ByteLevelBPE)
    case sentencePieceBPE(SentencePieceBPE)
    case unigram(Unigram)
}
