/// Expressions for strings that many schemas share, each made at first use.
///
/// Two spellings of strings are told apart. Where nothing but the length of a string is asked for, every spelling that
/// JSON allows may be written. Where its characters matter, only what has to be escaped is: then a word of the language
/// is found, or ruled out, in the one way it can be written.
struct StringExpressions {
    /// A quotation mark.
    var quote: Expression?
    /// A character, escaped only where it has to be.
    var character: Expression?
    /// Any number of such characters.
    var body: Expression?
    /// Expressions of patterns by their text; `nil` for those in the making.
    var patterns: [String: Expression] = [:]
}
