import OpenAIProtocol
import OrderedJSON
import Testing

/// `response_format`, `guided_*` and `structured_outputs`.
@Suite struct GrammarFieldsTests {
    @Test(arguments: [
        (#"{"response_format":{"type":"json_object"}}"#, "response_format", OutputGrammar.jsonObject),
        (#"{"response_format":{"type":"json","schema":{"a":1}}}"#, "response_format", .jsonSchema(["a": 1])),
        (
            #"{"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"a":1}}}}"#,
            "response_format", .jsonSchema(["a": 1])
        ),
        (#"{"response_format":{"type":"regex","regex":"a+"}}"#, "response_format", .regex("a+")),
        (#"{"response_format":{"type":"ebnf","ebnf":"root ::= x"}}"#, "response_format", .grammar("root ::= x")),
        (
            #"{"response_format":{"type":"structural_tag","triggers":[]}}"#, "response_format",
            .structuralTag(["type": "structural_tag", "triggers": []])
        ),
        (#"{"guided_json":{"a":1}}"#, "guided_json", .jsonSchema(["a": 1])),
        (#"{"guided_json":"{\"a\":1}"}"#, "guided_json", .jsonSchema(["a": 1])),
        (#"{"guided_regex":"a"}"#, "guided_regex", .regex("a")),
        (#"{"guided_choice":["a","b"]}"#, "guided_choice", .choice(["a", "b"])),
        (#"{"guided_grammar":"start: x"}"#, "guided_grammar", .grammar("start: x")),
        (#"{"structured_outputs":{"choice":["a"]}}"#, "structured_outputs.choice", .choice(["a"])),
        (#"{"structured_outputs":{"json_object":true}}"#, "structured_outputs.json_object", .jsonObject),
    ]) func aGrammarIsReadFromAnyOfItsFields(json: String, name: String, grammar: OutputGrammar) throws {
        #expect(try chat(json).grammar == GrammarField(name: name, grammar: grammar))
        #expect(try completion(json).grammar == GrammarField(name: name, grammar: grammar))
    }

    @Test(arguments: [
        #"{"response_format":{"type":"text"}}"#, #"{"response_format":{}}"#, #"{"response_format":null}"#,
        #"{"guided_json":null,"structured_outputs":{}}"#, #"{"guided_json_object":false}"#,
    ]) func whatAsksForNothingIsNoGrammar(json: String) throws {
        #expect(try chat(json).grammar == nil)
    }

    @Test(arguments: [
        (#"{"response_format":{"type":"xml"}}"#, "response_format.type"),
        (#"{"response_format":{"schema":{}}}"#, "response_format.type"),
        (#"{"response_format":{"type":"json"}}"#, "response_format.schema"),
        (#"{"response_format":{"type":"json_schema"}}"#, "response_format.json_schema"),
        (
            #"{"response_format":{"type":"json_schema","json_schema":{"nonsense":1}}}"#,
            "response_format.json_schema.nonsense"
        ),
        (#"{"response_format":{"type":"regex","regex":5}}"#, "response_format.regex"),
        (#"{"response_format":{"type":"text","nonsense":1}}"#, "response_format.nonsense"),
        (#"{"guided_json":"{"}"#, "guided_json"), (#"{"guided_choice":[]}"#, "guided_choice"),
        (#"{"guided_choice":[1]}"#, "guided_choice[0]"),
        (#"{"guided_regex":"a","guided_choice":["a"]}"#, "guided_choice"),
        (#"{"structured_outputs":{"xml":1}}"#, "structured_outputs.xml"),
    ]) func whatIsWrongIsNamed(json: String, field: String) {
        #expect(fault { _ = try chat(json) }?.field == field)
    }

    @Test func theSizeOfAGrammarIsLimited() {
        var limits = RequestLimits()
        limits.grammarBytes = 10
        #expect(fault { _ = try chat(#"{"guided_regex":"aaaaaaaaaa"}"#, limits: limits) } == nil)
        #expect(fault { _ = try chat(#"{"guided_regex":"aaaaaaaaaaa"}"#, limits: limits) }?.field == "guided_regex")
    }
}
