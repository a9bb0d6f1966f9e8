/// Strings of a range of lengths in a language.
struct StringClause: Hashable {
    /// A set of strings, apart from their lengths.
    enum Language: Hashable {
        /// All strings.
        case any
        /// These strings.
        case words(Set<Word>)
        /// All strings but these.
        case others(Set<Word>)
        /// The strings whose JSON text between the quotes, without `\u` escapes of what needn't be escaped, is in an
        /// expression.
        case expression(Expression)
    }

    /// A string that is compared byte by byte.
    struct Word: Hashable, Comparable {
        /// Its UTF-8.
        let bytes: [UInt8]

        /// A string's bytes.
        init(_ text: String) { bytes = Array(text.utf8) }

        /// The string.
        var text: String { String(decoding: bytes, as: UTF8.self) }

        static func < (left: Word, right: Word) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
    }

    /// No string.
    static let nothing = StringClause(maximum: -1)

    /// Fewest characters (Unicode scalars).
    var minimum = 0
    /// Most characters; any number if `nil`.
    var maximum: Int?
    /// Which strings.
    var language = Language.any

    /// Whether a word's length lies in the range.
    func fits(_ word: Word) -> Bool {
        let count = word.text.unicodeScalars.count
        return count >= minimum && count <= maximum ?? .max
    }

    /// The clause with words that fit only; `nil` when none are left or the range of lengths is empty.
    var pruned: StringClause? {
        if let maximum, maximum < minimum { return nil }
        guard case .words(let words) = language else { return self }
        var result = self
        let kept = minimum == 0 && maximum == nil ? words : words.filter(fits)
        result.language = .words(kept)
        result.minimum = 0
        result.maximum = nil
        return kept.isEmpty ? nil : result
    }
}
