/// Why a description can't become a tokenizer.
public enum TokenizerError: Error, Sendable, Equatable {
    /// There isn't a single piece.
    case emptyVocabulary
    /// More pieces or bytes than token ids or offsets can count.
    case tooLarge(field: String, count: Int, limit: Int)
    /// A per-piece list whose length isn't that of the vocabulary.
    case countMismatch(field: String, count: Int, expected: Int)
    /// Two tokens with the same text.
    case duplicatePiece(piece: String, first: TokenID, second: TokenID)
    /// A score that is no number.
    case invalidScore(id: TokenID, score: Float)
    /// A byte token not written `<0xXX>`.
    case malformedBytePiece(piece: String, id: TokenID)
    /// A merge that isn't two pieces with a space between.
    case malformedMerge(merge: String, rank: Int)
    /// A merge one of whose parts, or whose result, isn't in the vocabulary.
    case mergeOfUnknownPiece(merge: String, rank: Int, piece: String)
    /// A special token's id beyond the vocabulary.
    case idOutOfRange(field: String, id: TokenID, vocabularySize: Int)
    /// A flag asks for a token that the description doesn't name.
    case missingToken(field: String, flag: String)
    /// A pre-tokenizer nobody here knows.
    case unknownPreTokenizer(name: String)
    /// Byte-level BPE without merges.
    case missingMerges
    /// Compiled normalization rules that point outside themselves.
    case malformedCharsmap(reason: String)
    /// A tokenizer's file that says something impossible, or something nobody here knows.
    case malformedFile(field: String, reason: String)
}

extension TokenizerError: CustomStringConvertible {
    /// The message for people: field, value and limit.
    public var description: String {
        switch self {
        case .emptyVocabulary:
            "the vocabulary has no pieces"
        case .tooLarge(let field, let count, let limit):
            "\(field) has \(count) entries, the limit is \(limit)"
        case .countMismatch(let field, let count, let expected):
            "\(field) has \(count) entries, the vocabulary \(expected)"
        case .duplicatePiece(let piece, let first, let second):
            "tokens \(first) and \(second) have the same text '\(piece)'"
        case .invalidScore(let id, let score):
            "token \(id) has the score \(score)"
        case .malformedBytePiece(let piece, let id):
            "byte token \(id) is '\(piece)', expected the form <0xXX>"
        case .malformedMerge(let merge, let rank):
            "merge \(rank) is '\(merge)', expected two pieces with a space between"
        case .mergeOfUnknownPiece(let merge, let rank, let piece):
            "merge \(rank), '\(merge)', needs the piece '\(piece)', which the vocabulary doesn't have"
        case .idOutOfRange(let field, let id, let vocabularySize):
            "\(field) is \(id), the vocabulary has \(vocabularySize) pieces"
        case .missingToken(let field, let flag):
            "\(flag) is set but no \(field) is given"
        case .unknownPreTokenizer(let name):
            "unknown pre-tokenizer '\(name)'"
        case .missingMerges:
            "byte-level BPE needs merges, there are none"
        case .malformedCharsmap(let reason):
            "the compiled normalization rules are broken: \(reason)"
        case .malformedFile(let field, let reason):
            "\(field): \(reason)"
        }
    }
}
