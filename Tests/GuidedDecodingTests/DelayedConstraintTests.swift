import GuidedDecoding
import Testing

@Suite struct DelayedConstraintTests {
    private static let vocabulary = Vocabularies.of(["</", "think", ">"])
    private static let compiler = GrammarCompiler(vocabulary: vocabulary)

    @Test func anythingMayComeBeforeTheTokens() throws {
        let grammar = try Self.compiler.compile(.choice(["yes"]))
        var matcher = DelayedConstraint(grammar, behind: [256, 257, 258]).makeMatcher()
        for token in [1, 256, 256, 257, 7, 256, 257] as [Int32] {
            #expect(matcher.allowed(of: Self.vocabulary).count == Self.vocabulary.count)
            #expect(matcher.advance(token) == true)
            #expect(!matcher.isComplete && matcher.forcedTokens(3).isEmpty)
        }
        #expect(matcher.advance(258) == true)
        #expect(matcher.forcedTokens(3) == "yes".utf8.map(Int32.init))
        #expect(matcher.advance(7) == false)
        for byte in "yes".utf8 { #expect(matcher.advance(Int32(byte)) == true) }
        #expect(matcher.isComplete)
    }

    @Test func withoutTokensItHoldsAtOnce() throws {
        let grammar = try Self.compiler.compile(.choice(["yes"]))
        let matcher = DelayedConstraint(grammar, behind: []).makeMatcher()
        #expect(matcher.allowed(of: Self.vocabulary) == [Int32(UInt8(ascii: "y"))])
    }
}
