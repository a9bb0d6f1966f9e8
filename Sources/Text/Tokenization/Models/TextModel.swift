/// The algorithm for stretches of plain text, with its tables.
enum TextModel: Sendable {
    case byteLevelBPE(ByteLevelBPE)
    case sentencePieceBPE(SentencePieceBPE)
    case unigram(Unigram)

    /// Whether each byte of a valid UTF-8 text ends up in some token; unigram's normalization squeezes, and a run of
    /// unknown characters is one token.
    var keepsEveryByte: Bool {
        switch self {
        case .byteLevelBPE(let model): model.keepsEveryByte
        case .sentencePieceBPE(let model): model.keepsEveryByte
        case .unigram: false
        }
    }
}
