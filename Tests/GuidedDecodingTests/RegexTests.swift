import GuidedDecoding
import OrderedJSON
import Testing

@Suite struct RegexTests {
    private func matches(
        _ pattern: String,
        _ text: String,
        _ anchoring: RegexAnchoring = .search
    ) throws -> Bool {
        var builder = GrammarBuilder()
        var steps = GrammarLimits().compileSteps
        let syntax = try RegexSyntax.parse(pattern, stepsLeft: &steps)
        let expression = try builder.expression(of: syntax, encoding: .utf8, anchoring: anchoring)
        return try builder.matches(expression, Array(text.utf8))
    }

    @Test(arguments: [
        ("b", "abc", true), ("^b", "abc", false), ("^a", "abc", true), ("c$", "abc", true), ("b$", "abc", false),
        ("^(a|bc)$", "bc", true), ("(^|,)x($|,)", "a,x", true), ("(^|,)x($|,)", "a,xy", false), ("^$", "", true),
        ("^$", "a", false), ("a^b", "a^b", false), ("^[^0-9]+$", "añ€😀", true), ("^.$", "😀", true),
        ("^.$", "\n", false),
        ("^(?=.*[0-9])(?=.*[a-z]).{3,5}$", "a1b", true), ("^(?=.*[0-9])(?=.*[a-z]).{3,5}$", "abc", false),
        ("^(?!foo)\\w+$", "fob", true), ("^(?!foo)\\w+$", "foobar", false), ("^(?!.*--)[a-z-]+$", "a-b", true),
        ("^(?!.*--)[a-z-]+$", "a--b", false), ("\\u00e9|\\x41", "xAx", true), ("^\\p{Lu}\\p{Ll}+$", "Éa", true),
        ("^\\p{Lu}\\p{Ll}+$", "éa", false), ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaa", true),
        ("^{a}$", "{a}", true),
        ("^[\\w.-]+@[a-z]+\\.[a-z]{2,}$", "x.y@ab.de", true), ("^(a{0,2}){2}$", "aaa", true), ("^[a-\\d]$", "-", true),
        ("^(?:ab)*?c$", "ababc", true), ("^\\ud83d\\ude00$", "😀", true), ("^\\cJ$", "\n", true), ("a|^b", "cb", false),
        ("^(?i:aß)b$", "Aßb", true), ("^(?i)[^k]$", "K", false), ("^(?s:.)$", "\n", true),
    ]) func matchesAsAScriptDoes(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test func aWholeMatchNeedsNoAnchors() throws {
        #expect(try matches("a|bc", "bc", .full))
        #expect(try !matches("a|bc", "abc", .full))
        #expect(try matches("^a|bc$", "bc", .full))
    }

    @Test(arguments: [
        ("a(b", GrammarError.Reason.syntax), ("a)", .syntax), ("*a", .syntax), ("[a", .syntax), ("a{3,2}", .syntax),
        ("a**", .syntax), ("[z-a]", .syntax), ("\\", .syntax), ("(a)\\1", .unsupported), ("\\bword\\b", .unsupported),
        ("(?<=a)b", .unsupported), ("\\p{Klingon}", .unsupported), ("a++", .unsupported), ("(?m)a", .unsupported),
        ("a{1,2000000}", .limit), ("(?<a)", .syntax), ("(?P<a)", .syntax), ("(?<a", .syntax), ("(?<", .syntax),
    ]) func whatCannotBeHonouredIsRefusedByKind(pattern: String, reason: GrammarError.Reason) {
        let error = #expect(throws: GrammarError.self) { try matches(pattern, "") }
        #expect(error?.reason == reason)
    }

    @Test func insideJSONStringsEachCharacterIsWrittenInOneWay() throws {
        var builder = GrammarBuilder()
        var steps = GrammarLimits().compileSteps
        let syntax = try RegexSyntax.parse("^[\\s\"\\\\\\u0001x]{2}$", stepsLeft: &steps)
        let expression = try builder.expression(of: syntax, encoding: .jsonString, anchoring: .search)
        for text in ["\\n\\\"", "\\\\x", "x\\u0001", " \\t"] {
            #expect(try builder.matches(expression, Array(text.utf8)), "\(text)")
        }
        for text in ["\n\"", "\\u0078x", "\\\\", "xxx", "\"x"] {
            #expect(try !builder.matches(expression, Array(text.utf8)), "\(text)")
        }
    }
}
