import GuidedDecoding

/// Vocabularies for tests: all single bytes, by their value, and then some words.
enum Vocabularies {
    static func of(_ words: [String], special: [String] = []) -> TokenVocabulary {
        let bytes = (0...255).map { [UInt8($0)] } + words.map { Array($0.utf8) }
        let names = special.enumerated().map { (Int32(bytes.count + $0), $1) }
        return TokenVocabulary(
            tokens: bytes + special.map { Array($0.utf8) },
            special: Dictionary(uniqueKeysWithValues: names)
        )
    }

    /// Words of one to three of some letters.
    static func words(over letters: String) -> [String] {
        let one = letters.map(String.init)
        let two = one.flatMap { first in one.map { first + $0 } }
        return two + two.flatMap { first in one.map { first + $0 } }
    }

    /// Pieces of JSON that cross the borders of strings, names and values.
    static let json = of([
        "{\"", "\":", "\": ", "\",", "\", \"", "\"}", " \"", ", ", ": ", "name", "na", "me", "\"name\"", "age\": ",
        "true",
        "null", "12", "345", "\\n", "\\u00", "é", "hello", "hello\"", "lo\", \"", "]}", "[\"", "a\":", "ab", "zz\": \"",
    ])
}

extension TokenMatcher {
    /// The matcher behind all bytes of a text; nil if one of them isn't in its mask, or isn't allowed.
    func after(_ text: String, of vocabulary: TokenVocabulary) -> Self? {
        var copy = self
        var mask = TokenMask(count: vocabulary.count)
        for byte in text.utf8 {
            copy.allow(&mask)
            guard mask[Int32(byte)], copy.advance(Int32(byte)) else { return nil }
        }
        return copy
    }

    /// Whether a text is complete in itself.
    func accepts(_ text: String, of vocabulary: TokenVocabulary) -> Bool {
        after(text, of: vocabulary)?.isComplete ?? false
    }

    /// The tokens that come next in any case.
    func forcedTokens(_ limit: Int) -> [Int32] {
        var copy = self
        return copy.forced(limit: limit)
    }

    /// The tokens that may come next.
    func allowed(of vocabulary: TokenVocabulary) -> Set<Int32> {
        var copy = self
        var mask = TokenMask(count: vocabulary.count)
        copy.allow(&mask)
        return Set((0..<Int32(vocabulary.count)).filter { mask[$0] })
    }
}

/// A small generator of random numbers that are the same in each run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
