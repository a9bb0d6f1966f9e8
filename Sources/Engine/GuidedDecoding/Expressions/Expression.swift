/// A regular language over bytes, as a number in the tables of the builder that made it.
///
/// Equal numbers are the same language; the builder recognises most, not all, languages that are equal. The byte 0xFF is
/// kept for special tokens: no text contains it.
package struct Expression: Sendable, Hashable {
    /// Its number.
    let id: Int32

    /// The language without words.
    package static let nothing = Expression(id: 0)
    /// The language of the empty word alone.
    package static let empty = Expression(id: 1)
}

/// How an expression is made of others.
enum ExpressionKind: UInt8 {
    /// No word.
    case nothing
    /// The empty word.
    case empty
    /// One byte of the set numbered `first`.
    case bytes
    /// `second` bytes from `first` in the pool of literals.
    case literal
    /// Words of `first`, then of `second`; `first` isn't a concatenation.
    case concatenation
    /// Words of any of the `second` members from `first` in the pool of lists, ascending.
    case union
    /// Words of each of the `second` members from `first` in the pool of lists, ascending.
    case intersection
    /// All words over all bytes but those of `first`.
    case complement
    /// `second` to `third` (-1: any number of) words of `first`.
    case repetition
    /// The words below trie node `first`.
    case trie
    /// Words of `first` but those below trie node `second`.
    case difference
    /// Decimal digits that, behind a number that leaves remainder `first`, give one that `second` divides.
    case remainder
}

/// An expression's parts; what they mean is its kind's.
struct ExpressionNode: Sendable, Equatable {
    var kind: ExpressionKind
    var first: Int32 = 0
    var second: Int32 = 0
    var third: Int32 = 0
}

/// What is known of an expression.
struct ExpressionTraits: Sendable {
    /// Whether the empty word is in the language.
    var isNullable: Bool
    /// Whether the language surely has words; when false it has to be searched.
    var isInhabited: Bool
    /// Whether the language surely has words of any length.
    var isUnbounded: Bool
    /// Levels of nesting.
    var depth: Int32
    /// Bytes of the shortest word, or more.
    var shortest = Self.unknown
    /// Bytes that are enough to complete any beginning of a word.
    var completion = Self.unknown

    /// Bytes that any word has at least; a guess for how far its end is.
    var distance: Int32 = 0

    /// More than anything that is known.
    static let unknown: Int32 = 1 << 28
}
