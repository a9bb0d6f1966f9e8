import GuidedDecoding
import Testing

@Suite struct ExpressionTests {
    /// Union, intersection, complement and difference of random expressions, word by word.
    @Test(arguments: 0..<40) func booleanOperationsHoldForEveryWord(seed: Int) throws {
        var generator = SeededGenerator(seed)
        let (left, right) = (
            Shape.random(3, recursive: false, &generator), Shape.random(3, recursive: false, &generator)
        )
        var builder = GrammarBuilder()
        let (a, b) = (try left.expression(&builder), try right.expression(&builder))
        let union = try builder.union([a, b])
        let both = try builder.intersection([a, b])
        let onlyLeft = try builder.difference(a, b)
        let not = try builder.complement(a)
        var isEmpty = true
        for text in Shape.texts(over: "abc", upTo: 6) {
            let (inLeft, inRight) = (left.matches(text), right.matches(text))
            #expect(try builder.matches(a, text) == inLeft)
            #expect(try builder.matches(union, text) == (inLeft || inRight))
            #expect(try builder.matches(both, text) == (inLeft && inRight))
            #expect(try builder.matches(onlyLeft, text) == (inLeft && !inRight))
            #expect(try builder.matches(not, text) == !inLeft)
            if inLeft && inRight { isEmpty = false }
        }
        if try builder.isNothing(both) { #expect(isEmpty) }
        #expect(try builder.isSubset(both, of: a) && builder.isSubset(a, of: union))
    }

    @Test func excludedWordsAreGoneAndNoOthers() throws {
        var builder = GrammarBuilder()
        let all = try builder.repetition(builder.byte(in: ByteSet("ab".utf8)), 0, 3)
        let words = ["", "a", "ab", "bbb"].map { Array($0.utf8) }
        let rest = try builder.excluding(words, from: all)
        for text in Shape.texts(over: "ab", upTo: 4) {
            #expect(try builder.matches(rest, text) == (text.count <= 3 && !words.contains(text)))
        }
        #expect(try builder.isNothing(builder.excluding(words, from: builder.literals(words))))
    }

    @Test func multiplesAreThoseThatDivisionLeavesNothingOf() throws {
        var builder = GrammarBuilder()
        let multiples = try builder.remainder(modulus: 7)
        for number in 0..<200 {
            #expect(try builder.matches(multiples, Array("\(number)".utf8)) == (number % 7 == 0))
        }
    }

    @Test func charactersAreEveryScalarOfTheirSetInUTF8() throws {
        var builder = GrammarBuilder()
        let set = ScalarSet([0x41...0x7FF, 0x900...0xD000, 0xFFF0...0x10500, 0x10FFFE...0x10FFFF])
        let expression = try builder.characters(set)
        for value in stride(from: UInt32(0), through: 0x10FFFF, by: 13) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(Character(scalar)).utf8)
            let expected = set.contains(scalar)
            if try builder.matches(expression, bytes) != expected { Issue.record("U+\(String(value, radix: 16))") }
        }
        #expect(try !builder.matches(builder.characters(.all), [0xC0, 0x80]))
        #expect(try !builder.matches(builder.characters(.all), [0xED, 0xA0, 0x80]))
    }

    @Test func jsonCharactersHaveAllTheirSpellings() throws {
        var builder = GrammarBuilder()
        let some = try builder.jsonCharacters(ScalarSet(of: "é\n\"😀"))
        for text in ["é", "\\u00e9", "\\u00E9", "\\n", "\\u000a", "\\\"", "😀", "\\ud83d\\uDE00"] {
            #expect(try builder.matches(some, Array(text.utf8)), "\(text)")
        }
        for text in ["\n", "\"", "e", "\\ud83d", "\\t", "\\u00e8"] {
            #expect(try !builder.matches(some, Array(text.utf8)), "\(text)")
        }
    }
}
