/// The spaces that decoders take away before English punctuation and contractions.
enum CleanUp {
    /// What WordPiece's decoder replaces in each token.
    private static let wordPiecePairs = pairs([
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
        (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ])
    /// What `clean_up_tokenization_spaces` replaces in a whole text, as stages.
    static let stages: [TokenDecoderStage] =
        [.fuse]
        + pairs([
            (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
            (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
        ])
        .map { TokenDecoderStage.replace($0.key, with: $0.content) }

    static func wordPiece(_ text: [UInt8]) -> [UInt8] {
        wordPiecePairs.reduce(text) { DecoderState.replaced($0, $1.key, $1.content) }
    }

    private static func pairs(_ pairs: [(String, String)]) -> [(key: [UInt8], content: [UInt8])] {
        pairs.map { (Array($0.utf8), Array($1.utf8)) }
    }
}
