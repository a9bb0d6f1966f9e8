/// A token that is cut out of a text before the model sees it, with the `tokenizers` library's rules for where.
struct AddedToken: Sendable, Equatable {
    /// UTF-8, not empty.
    var content: [UInt8]
    var id: TokenID
    /// A marker for the model: hidden when special tokens are skipped, and plain text where none may be parsed.
    var isSpecial = false
    /// Not inside words.
    var isSingleWord = false
    /// Takes the white space before it.
    var stripsLeft = false
    /// Takes the white space behind it.
    var stripsRight = false
    /// Looked for in the normalized text, normalized itself.
    var isNormalized = true
}
