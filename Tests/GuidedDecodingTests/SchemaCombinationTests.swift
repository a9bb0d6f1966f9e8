import GuidedDecoding
import OrderedJSON
import Testing

/// Schemas that combine others, and references.
@Suite struct SchemaCombinationTests {
    @Test(arguments: [
        (
            ##"{"anyOf":[{"type":"integer","minimum":5},{"type":"integer","maximum":2}]}"##, ["5", "2", "-1"],
            ["3", "4"]
        ),
        (
            ##"{"oneOf":[{"type":"integer","multipleOf":2},{"type":"integer","multipleOf":3}]}"##, ["2", "3", "4"],
            ["6", "0", "1"]
        ),
        (
            ##"{"oneOf":[{"required":["a"]},{"required":["b"]}],"type":"object"}"##,
            [##"{"a": 1}"##, ##"{"b": 1, "c": 1}"##], ["{}", ##"{"a": 1, "b": 1}"##]
        ),
        (##"{"oneOf":[{"type":"number"},{"type":"integer"}]}"##, ["0.5"], ["1", ##""a""##]),
        (
            ##"{"allOf":[{"type":"string","minLength":1},{"pattern":"^[ab]*$"},{"maxLength":2}]}"##,
            [##""a""##, ##""ab""##], [##""""##, ##""abc""##, ##""c""##]
        ),
        (
            ##"{"allOf":[{"properties":{"a":{"type":"integer"}}},{"properties":{"a":{"minimum":3}},"required":["a"]}],"type":"object"}"##,
            [##"{"a": 3}"##], [##"{"a": 2}"##, "{}", ##"{"a": "x"}"##]
        ),
        (##"{"not":{"type":["string","object","array"]}}"##, ["1", "null", "true"], [##""a""##, "{}", "[]"]),
        (
            ##"{"type":"object","not":{"required":["a"],"properties":{"a":{"type":"integer"}}}}"##,
            ["{}", ##"{"a": "x"}"##, ##"{"b": 1}"##], [##"{"a": 1}"##]
        ),
        (
            ##"{"type":"object","properties":{"k":{"type":"string"}},"if":{"properties":{"k":{"const":"n"}},"required":["k"]},"then":{"required":["n"]},"else":{"required":["o"]}}"##,
            [##"{"k": "n", "n": 1}"##, ##"{"o": 1, "k": "x"}"##, ##"{"o": 1}"##],
            [##"{"k": "n", "o": 1}"##, ##"{"k": "x", "n": 1}"##, "{}"]
        ),
        (##"{"if":{"type":"integer"},"then":{"minimum":1}}"##, ["1", ##""a""##], ["0"]),
    ])
    func combinationsAreTakenTogether(_ schema: String, _ valid: [String], _ invalid: [String]) throws {
        #expect(try SchemaChecks.accepted(valid + invalid, by: schema) == valid)
    }

    @Test(arguments: [
        (
            ##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}},"required":["v"],"additionalProperties":{"type":"integer"}}}}"##,
            [##"{"v": 1}"##, ##"{"next": {"v": 2}, "v": 1}"##], [##"{"v": 1, "next": {}}"##, "{}"]
        ),
        (##"{"type":"array","items":{"$ref":"#"}}"##, ["[]", "[[], [[]]]"], ["[1]", "{}"]),
        (
            ##"{"$ref":"#word","definitions":{"a":{"$id":"#word","type":"string"}},"$schema":"http://json-schema.org/draft-07/schema#"}"##,
            [##""a""##], ["1"]
        ),
        (##"{"$ref":"#w","$defs":{"a":{"$anchor":"w","type":"string"}}}"##, [##""a""##], ["1"]),
        (
            ##"{"$id":"http://x.org/a/b.json","properties":{"p":{"$ref":"c.json#/$defs/i"}},"$defs":{"c":{"$id":"c.json","$defs":{"i":{"type":"integer"}}}},"type":"object"}"##,
            [##"{"p": 1}"##], [##"{"p": "a"}"##]
        ),
        (##"{"$ref":"#/$defs/a~1b%25","minimum":2,"$defs":{"a/b%":{"type":"integer"}}}"##, ["2"], ["1", ##""a""##]),
        (
            ##"{"$schema":"http://json-schema.org/draft-04/schema#","$ref":"#/definitions/a","minimum":2,"definitions":{"a":{"type":"integer"}}}"##,
            ["2", "1"], [##""a""##]
        ),
    ])
    func referencesAreFollowed(_ schema: String, _ valid: [String], _ invalid: [String]) throws {
        #expect(try SchemaChecks.accepted(valid + invalid, by: schema) == valid)
    }

    @Test(arguments: [
        (
            ##"{"$ref":"https://example.com/other.json"}"##,
            "\"$ref\" of the schema at # refers to \"https://example.com/other.json\""
        ),
        (##"{"properties":{"a":{"$ref":"#/nowhere"}}}"##, "\"$ref\" of the schema at #/properties/a refers to"),
        (##"{"properties":{"a/b":{"type":"text"}}}"##, "\"type\" of the schema at #/properties/a~1b"),
        (##"{"items":{"pattern":"("}}"##, "\"pattern\" of the schema at #/items"),
        (##"{"allOf":[true],"unevaluatedProperties":false}"##, "\"unevaluatedProperties\" of the schema at #"),
        (##"{"minLength":-1}"##, "\"minLength\" of the schema at #"),
        (##"{"anyOf":{}}"##, "\"anyOf\" of the schema at #"),
        (##"{"properties":{"a":1}}"##, "#/properties/a isn't a schema"),
        (##"{"allOf":[{"$ref":"#"}]}"##, "leads back to the same schema"),
        (##"{"uniqueItems":true,"type":"array","items":{"type":"object"}}"##, "\"uniqueItems\" of the schema at #"),
    ])
    func whatCannotBeKeptIsAnErrorThatNamesKeywordAndPath(_ schema: String, _ message: String) throws {
        let failure = try #require(try SchemaChecks.failure(schema))
        #expect(failure.reason == .unsupported)
        #expect(failure.message.contains(message), "\(failure.message)")
    }

    @Test func aSchemaThatNothingObeysIsAnError() throws {
        #expect(try SchemaChecks.failure("false")?.reason == .unsatisfiable)
        #expect(try SchemaChecks.failure(##"{"type":"integer","minimum":3,"maximum":2}"##)?.reason == .unsatisfiable)
    }

    @Test func schemasThatMultiplyMeetALimit() throws {
        let parts = (0..<30).map {
            JSONValue.object(["anyOf": [["required": [.string("a\($0)")]], ["required": [.string("b\($0)")]]]])
        }
        let schema = JSONValue.object(["type": "object", "allOf": .array(parts)])
        #expect(throws: GrammarError.self) { try SchemaChecks.matcher(schema) }
    }
}
