import GuidedDecoding
import OrderedJSON
import Testing

/// Masks that are found without looking at every token say what trying each token says.
@Suite struct PatternMaskTests {
    private static let vocabulary = Vocabularies.json
    private static let compiler = GrammarCompiler(vocabulary: vocabulary)

    @Test(arguments: [
        (##"{"type": "string", "pattern": "l.*o"}"##, "\"hello h\""),
        (##"{"type": "string", "pattern": "[a-h]{3}$", "minLength": 5}"##, "\"xx abe\""),
        (##"{"type": "string", "pattern": "é|\\\\", "maxLength": 90}"##, "\"na é\\n\""),
        (##"{"type": "string", "oneOf": [{"pattern": "na"}, {"pattern": "me"}, {"pattern": "hel+o"}]}"##, "\"x naéx\""),
        (##"{"type": "object", "patternProperties": {"a.*e": {"type": "null"}}}"##, "{\"name\": null}"),
        (##"{"enum": ["name", "na", "hello", "lo, ", "zz: "]}"##, "\"hello\""),
        (
            ##"{"oneOf": [{"properties": {"a": {"const": "name"}}, "required": ["a"]}, "##
                + ##"{"properties": {"a": {"const": "na"}}, "required": ["a"]}], "type": "object"}"##, "{\"a\": \"na\"}"
        ),
    ]) func masksAreWhatEachTokenSays(schema: String, text: String) throws {
        let grammar = try Self.compiler.compile(.jsonSchema(JSONParser.parse(schema)))
        var matcher = grammar.makeMatcher()
        for byte in text.utf8 {
            let allowed = matcher.allowed(of: Self.vocabulary)
            for token in 0..<Int32(Self.vocabulary.count) {
                var copy = matcher
                #expect(copy.advance(token) == allowed.contains(token), "\(schema) \(token) before \(byte)")
            }
            #expect(matcher.advance(Int32(byte)) == true)
        }
        #expect(matcher.isComplete)
    }

    /// Forced tokens leave their last mask to the next step.
    @Test func masksBehindForcedTokensAreTheirOwn() throws {
        let schema = ##"{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}"##
        let matcher = try Self.compiler.compile(.jsonSchema(JSONParser.parse(schema))).makeMatcher()
        for text in ["{", "{\"n", "{\"name\"", "{\"name\": \"he"] {
            var free = try #require(matcher.after(text, of: Self.vocabulary))
            var forced = free
            for token in forced.forced(limit: 3) {
                #expect(free.allowed(of: Self.vocabulary) == [token])
                #expect(free.advance(token) == true)
                #expect(forced.advance(token) == true)
            }
            #expect(free.allowed(of: Self.vocabulary) == forced.allowed(of: Self.vocabulary))
        }
    }

    /// Stacks that grow without end stop an output with an error instead of holding up the others.
    @Test func tokensThatTakeTooManyStepsEndTheOutput() throws {
        var limits = GrammarLimits()
        limits.matchSteps = 200
        let compiler = GrammarCompiler(vocabulary: Self.vocabulary, limits: limits)
        let grammar = "root ::= s\ns ::= \"a\" s \"b\" s | \"a\" s | \"a\" s \"a\" | \"b\" s s | \"b\" | \"a\""
        var matcher = try compiler.compile(.grammar(grammar, .ebnf)).makeMatcher()
        var mask = TokenMask(count: Self.vocabulary.count)
        for _ in 0..<60 where matcher.failure == nil {
            matcher.allow(&mask)
            if matcher.failure == nil { _ = matcher.advance(Int32(UInt8(ascii: "a"))) } else { #expect(mask.isEmpty) }
        }
        #expect(matcher.failure != nil)
    }
}
