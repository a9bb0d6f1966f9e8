package import GuidedDecoding
internal import Tokenization

/// A tokenizer's vocabulary as grammars see it.
package struct GrammarVocabulary: Sendable {
    /// The bytes of each token; none for special tokens.
    package let tokens: [[UInt8]]
    /// The names of special tokens by their ids.
    package let special: [Int32: String]

    /// A vocabulary.
    package init(tokens: [[UInt8]], special: [Int32: String] = [:]) {
        self.tokens = tokens
        self.special = special
    }

    /// The vocabulary of a tokenizer.
    init(_ tokenizer: Tokenizer) {
        var tokens: [[UInt8]] = []
        var special: [Int32: String] = [:]
        for id in 0..<Int32(tokenizer.vocabularySize) {
            tokens.append(tokenizer.bytes(of: id, skipSpecialTokens: true))
            if tokenizer.isSpecial(id), let piece = tokenizer.piece(of: id) {
                special[id] = String(decoding: piece, as: UTF8.self)
            }
        }
        self.init(tokens: tokens, special: special)
    }

    /// What grammars are compiled for.
    package var forGrammars: TokenVocabulary { TokenVocabulary(tokens: tokens, special: special) }
}
