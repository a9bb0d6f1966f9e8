import GuidedDecoding
import OrderedJSON
import Testing

@Suite struct StructuralTagTests {
    private static let vocabulary = Vocabularies.of(
        ["<fun", "ction=", "</function>", "12", "hello "],
        special: ["<|tool|>"]
    )
    private static let compiler = GrammarCompiler(vocabulary: vocabulary)

    private func matcher(_ json: String) throws -> any TokenMatcher {
        try Self.compiler.compile(.structuralTag(JSONParser.parse(json))).makeMatcher()
    }

    private func accepts(_ json: String, _ text: String) throws -> Bool {
        try matcher(json).accepts(text, of: Self.vocabulary)
    }

    private static let old = """
        {"structures": [
            {"begin": "<function=a>", "schema": {"type": "integer"}, "end": "</function>"},
            {"begin": "<function=b>", "schema": {"enum": ["x"]}, "end": "</function>"}],
         "triggers": ["<function="]}
        """

    @Test(arguments: [
        ("no call", true), ("", true), ("<function=a>12</function>", true),
        ("a <fun <function=b>\"x\"</function> c", true),
        ("<<function=a>1</function><function=b>\"x\"</function>", true), ("<function=c>1</function>", false),
        ("<function=a>x</function>", false), ("<function=a>1", false), ("<function=", false),
    ]) func structuresBeginAtTheirTriggers(text: String, expected: Bool) throws {
        #expect(try accepts(Self.old, text) == expected)
    }

    private static func triggered(_ options: String) -> String {
        """
        {"type": "structural_tag", "format": {"type": "triggered_tags", "triggers": ["<f"], \(options)
         "tags": [{"begin": "<f>", "content": {"type": "regex", "pattern": "[0-9]+"}, "end": "</f>"}]}}
        """
    }

    @Test func tagsMayBeDemandedAndEndTheText() throws {
        #expect(try accepts(Self.triggered(""), "a<f>1</f>b<f>2</f>c"))
        #expect(try accepts(Self.triggered("\"at_least_one\": true,"), "<f>1</f>b"))
        #expect(try !accepts(Self.triggered("\"at_least_one\": true,"), "a<f>1</f>b"))
        #expect(try !accepts(Self.triggered("\"at_least_one\": true,"), ""))
        #expect(try accepts(Self.triggered("\"stop_after_first\": true,"), "a<f>1</f>"))
        #expect(try !accepts(Self.triggered("\"stop_after_first\": true,"), "a<f>1</f>b"))
        #expect(try !accepts(Self.triggered("\"excludes\": [\"bad\"],"), "a bad<f>1</f>"))
    }

    @Test(arguments: [
        (#"{"type": "const_string", "value": "hi"}"#, "hi", true),
        (
            #"{"type": "sequence", "elements": [{"type": "const_string", "value": "a"}, {"type": "regex", "pattern": "b+"}]}"#,
            "abb", true
        ),
        (
            #"{"type": "or", "elements": [{"type": "const_string", "value": "a"}, {"type": "const_string", "value": "b"}]}"#,
            "b", true
        ),
        (#"{"type": "tag", "begin": "<t>", "content": {"type": "any_text"}, "end": "</t>"}"#, "<t>a<</t></t>", false),
        (#"{"type": "tag", "begin": "<t>", "content": {"type": "any_text"}, "end": "</t>"}"#, "<t>a</</t>", true),
        (
            #"{"type": "tag", "begin": "", "content": {"type": "any_text", "excludes": ["z"]}, "end": ["aab", "c"]}"#,
            "aaab", true
        ),
        (
            #"{"type": "tag", "begin": "", "content": {"type": "any_text", "excludes": ["z"]}, "end": ["aab", "c"]}"#,
            "zc", false
        ),
        (#"{"type": "repeat", "min": 2, "max": 3, "content": {"type": "const_string", "value": "a"}}"#, "aaaa", false),
        (
            #"{"type": "plus", "content": {"type": "optional", "content": {"type": "const_string", "value": "a"}}}"#,
            "", true
        ),
        (#"{"type": "grammar", "grammar": "root ::= \"x\" root | \"y\""}"#, "xxy", true),
        (
            #"{"type": "tags_with_separator", "separator": ",", "tags": [{"begin": "<", "content": {"type": "regex", "pattern": "a*"}, "end": ">"}]}"#,
            "<a>,<>", true
        ),
        (#"{"type": "json_schema", "json_schema": {"type": "boolean"}}"#, "true", true),
    ]) func formatsMatchWhatTheySay(format: String, text: String, expected: Bool) throws {
        #expect(try accepts("{\"type\": \"structural_tag\", \"format\": \(format)}", text) == expected)
    }

    @Test func aSpecialTokenMayBeginATag() throws {
        var matcher = try matcher(
            """
            {"format": {"type": "triggered_tags", "triggers": ["<|tool|>"], "tags": [
                {"begin": "<|tool|>", "content": {"type": "const_string", "value": "x"}, "end": ""}]}}
            """
        )
        #expect(matcher.advance(Int32(UInt8(ascii: "a"))) == true)
        #expect(matcher.allowed(of: Self.vocabulary).contains(261))
        #expect(matcher.advance(261) == true)
        #expect(matcher.allowed(of: Self.vocabulary) == [Int32(UInt8(ascii: "x"))])
    }

    @Test(arguments: [
        #"{"format": {"type": "dispatch"}}"#, #"{"format": {"type": "any_text", "max_tokens": 3}}"#,
        #"{"format": {"type": "json_schema", "style": "qwen_xml", "json_schema": {}}}"#,
    ]) func whatIsNotSupportedIsRefused(tag: String) {
        let error = #expect(throws: GrammarError.self) { try matcher(tag) }
        #expect(error?.reason == .unsupported)
    }

    @Test(arguments: [
        "{}", #"{"format": {"type": "tag", "begin": "a"}}"#, #"{"structures": [], "triggers": []}"#, #"{"format": 1}"#,
        #"{"structures": [{"begin": "a", "schema": {}, "end": "b"}], "triggers": ["x"]}"#,
    ]) func whatIsMalformedIsRefused(tag: String) {
        let error = #expect(throws: GrammarError.self) { try matcher(tag) }
        #expect(error?.reason == .syntax)
    }
}
