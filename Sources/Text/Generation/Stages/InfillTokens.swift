package import Tokenization

/// The control tokens with which a model is asked to fill in the middle of a text.
///
/// A prompt is made of the text before the gap and the text behind it, with a token before each and one at the end, where the
/// middle is to come.
package struct InfillTokens: Sendable {
    /// Stands before the text that comes first.
    let prefix: TokenID
    /// Stands before the text that comes second.
    let suffix: TokenID
    /// Stands where the middle is to come.
    let middle: TokenID

    /// The texts of these tokens in the vocabularies of some families: Qwen and CodeGemma, StarCoder and Granite, DeepSeek,
    /// Code Llama.
    private static let texts: [(prefix: String, suffix: String, middle: String)] = [
        ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
        ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
        ("<\u{FF5C}fim\u{2581}begin\u{FF5C}>", "<\u{FF5C}fim\u{2581}hole\u{FF5C}>", "<\u{FF5C}fim\u{2581}end\u{FF5C}>"),
        ("\u{2581}<PRE>", "\u{2581}<SUF>", "\u{2581}<MID>"),
    ]

    /// The tokens of a vocabulary that has some.
    package init?(_ tokenizer: Tokenizer) {
        for texts in Self.texts {
            guard let prefix = tokenizer.id(ofPiece: Array(texts.prefix.utf8)),
                let suffix = tokenizer.id(ofPiece: Array(texts.suffix.utf8)),
                let middle = tokenizer.id(ofPiece: Array(texts.middle.utf8))
            else { continue }
            (self.prefix, self.suffix, self.middle) = (prefix, suffix, middle)
            return
        }
        return nil
    }
}
