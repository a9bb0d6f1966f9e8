import GuidedDecoding
import Testing

@Suite struct MatcherTests {
    private static let vocabulary = Vocabularies.of(["yes", "no", "ye", "maybe", "may", "s!"])
    private static let compiler = GrammarCompiler(vocabulary: vocabulary)

    @Test func aRefusedTokenLeavesTheMatcherWhereItWas() throws {
        var matcher = try Self.compiler.compile(.choice(["yes", "no"])).makeMatcher()
        #expect(matcher.advance(Int32(UInt8(ascii: "x"))) == false)
        let outside = (matcher.advance(-1), matcher.advance(100_000))
        #expect(!outside.0 && !outside.1)
        #expect(matcher.advance(258) == true)
        #expect(!matcher.isComplete)
        #expect(matcher.advance(Int32(UInt8(ascii: "s"))) == true)
        #expect(matcher.isComplete)
        #expect(matcher.allowed(of: Self.vocabulary).isEmpty)
    }

    @Test func aCopyGoesOnByItself() throws {
        let first = try Self.compiler.compile(.choice(["yes", "no"])).makeMatcher()
        var second = first
        let isAllowed = second.advance(257)
        #expect(isAllowed && second.isComplete)
        #expect(first.allowed(of: Self.vocabulary) == Set("yn".utf8.map(Int32.init)).union([256, 257, 258]))
    }

    @Test func forcedTokensAreThoseWithoutAlternative() throws {
        var matcher = try Self.compiler.compile(.choice(["maybe", "xno"])).makeMatcher()
        #expect(matcher.forcedTokens(10).isEmpty)
        #expect(matcher.advance(Int32(UInt8(ascii: "x"))) == true)
        // "no" is a token, and so is "n".
        #expect(matcher.forcedTokens(10).isEmpty)
        #expect(matcher.advance(Int32(UInt8(ascii: "n"))) == true)
        #expect(matcher.forcedTokens(10) == [Int32(UInt8(ascii: "o"))])
        #expect(matcher.forcedTokens(0).isEmpty)
    }

    @Test func nothingIsForcedWhereTheOutputMayEnd() throws {
        var matcher = try Self.compiler.compile(.choice(["a", "az"])).makeMatcher()
        #expect(matcher.forcedTokens(4) == [Int32(UInt8(ascii: "a"))])
        #expect(matcher.advance(Int32(UInt8(ascii: "a"))) == true)
        #expect(matcher.isComplete && matcher.forcedTokens(4).isEmpty)
    }

    @Test func grammarsAreKeptBySource() throws {
        let first = try Self.compiler.compile(.regex("a+"))
        #expect(try Self.compiler.compile(.regex("a+")) === first)
        #expect(try Self.compiler.compile(.regex("a*")) !== first)
    }

    @Test func anUnsatisfiableGrammarIsRefused() {
        #expect(throws: GrammarError.self) { try Self.compiler.compile(.choice([])) }
        #expect(throws: GrammarError.self) { try Self.compiler.compile(.regex("a[]")) }
    }

    @Test func compilingEndsWhenNobodyWaits() {
        let error = #expect(throws: GrammarError.self) {
            try Self.compiler.compile(.regex("(a|b)*c{5}"), isCancelled: { true })
        }
        #expect(error?.reason == .cancelled)
    }
}
