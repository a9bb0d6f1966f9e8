import GuidedDecoding
import Testing

/// Masks against all texts of a grammar, found by trying every one.
@Suite struct MaskTests {
    private static let regular = (
        letters: "abc", vocabulary: Vocabularies.of(Vocabularies.words(over: "abc")), length: 7
    )
    private static let nested = (
        letters: "(abc)", vocabulary: Vocabularies.of(Vocabularies.words(over: "(abc)")), length: 5
    )

    @Test(arguments: 0..<60) func nodesAllowExactlyWhatCanBeCompleted(seed: Int) throws {
        var generator = SeededGenerator(seed)
        let shape = Shape.random(4, recursive: false, &generator)
        let compiler = GrammarCompiler(vocabulary: Self.regular.vocabulary)
        let grammar = try compiler.compile { builder throws(GrammarError) in
            try Self.node(shape, &builder)
        }
        try Self.check(shape, grammar, Self.regular)
    }

    @Test(arguments: 0..<60) func expressionsAllowExactlyWhatCanBeCompleted(seed: Int) throws {
        var generator = SeededGenerator(seed + 1000)
        let shape = Shape.random(4, recursive: false, &generator)
        let compiler = GrammarCompiler(vocabulary: Self.regular.vocabulary)
        let grammar = try compiler.compile { builder throws(GrammarError) in
            do { return try builder.terminal(shape.expression(&builder)) } catch {
                throw GrammarError(.syntax, "\(error)")
            }
        }
        try Self.check(shape, grammar, Self.regular)
    }

    @Test(arguments: 0..<40) func recursiveGrammarsAllowExactlyWhatCanBeCompleted(seed: Int) throws {
        var generator = SeededGenerator(seed + 2000)
        let shape = Shape.random(3, recursive: true, &generator)
        let compiler = GrammarCompiler(vocabulary: Self.nested.vocabulary)
        let grammar = try compiler.compile { builder throws(GrammarError) in
            try Self.node(shape, &builder)
        }
        try Self.check(shape, grammar, Self.nested)
    }

    private static func node(_ shape: Shape, _ builder: inout GrammarBuilder) throws(GrammarError) -> GrammarNode {
        do {
            let root = try builder.declare()
            builder.define(root, as: try shape.node(root, &builder))
            return root
        } catch let error as GrammarError {
            throw error
        } catch { throw GrammarError(.syntax, "\(error)") }
    }

    /// Holds masks behind up to two tokens against all texts.
    private static func check(
        _ shape: Shape,
        _ grammar: CompiledGrammar,
        _ world: (letters: String, vocabulary: TokenVocabulary, length: Int)
    ) throws {
        let texts = Shape.texts(over: world.letters, upTo: world.length).filter { shape.matches($0) }
        var beginnings = Set<[UInt8]>()
        for text in texts { for end in 0...text.count { beginnings.insert(Array(text[..<end])) } }
        let tokens =
            world.letters.utf8.map { ([$0], Int32($0)) }
            + Vocabularies.words(over: world.letters).enumerated()
            .map { (Array($1.utf8), Int32(256 + $0)) }
        var places: [([UInt8], any TokenMatcher)] = [([], grammar.makeMatcher())]
        for round in 0..<2 {
            var next: [([UInt8], any TokenMatcher)] = []
            for (text, matcher) in places {
                #expect(matcher.isComplete == shape.matches(text), "\(String(decoding: text, as: UTF8.self)) \(shape)")
                let allowed = matcher.allowed(of: world.vocabulary)
                for (word, token) in tokens where text.count + word.count <= world.length {
                    var copy = matcher
                    let isAllowed = allowed.contains(token)
                    #expect(copy.advance(token) == isAllowed)
                    if beginnings.contains(text + word) {
                        #expect(isAllowed, "\(String(decoding: text + word, as: UTF8.self)) \(shape)")
                    } else if isAllowed {
                        // Only a text longer than those that were tried can begin so.
                        let end = Self.completion(copy, text + word, world.vocabulary, world.letters)
                        #expect(end.map { $0.count > world.length && shape.matches($0) } ?? false, "\(shape)")
                    }
                    if isAllowed, round == 0 { next.append((text + word, copy)) }
                }
            }
            places = next
        }
    }

    /// A text that a matcher can be completed to by single bytes, one of the shortest.
    private static func completion(
        _ matcher: any TokenMatcher,
        _ text: [UInt8],
        _ vocabulary: TokenVocabulary,
        _ letters: String
    ) -> [UInt8]? {
        var queue: [([UInt8], any TokenMatcher)] = [(text, matcher)]
        for _ in 0..<120 {
            var next: [([UInt8], any TokenMatcher)] = []
            for (text, matcher) in queue.prefix(60) {
                if matcher.isComplete { return text }
                // What ends something comes first, so that the beam isn't full of what goes on for ever.
                for byte in letters.utf8.reversed() {
                    var copy = matcher
                    if copy.advance(Int32(byte)) { next.append((text + [byte], copy)) }
                }
            }
            queue = next
        }
        return nil
    }
}
