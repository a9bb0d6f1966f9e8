import GuidedDecoding
import Testing

/// Objects: which members, in which order, how many.
@Suite struct SchemaObjectTests {
    @Test func membersComeInAnyOrderAndOnce() throws {
        let schema =
            #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"}},"required":["a"],"additionalProperties":false}"#
        let texts = [
            #"{"a": 1}"#, #"{"b":true,"a":2}"#, "{\n  \"a\": 1,\n  \"b\": false\n}", #"{"b": true}"#, "{}",
            #"{"a": 1, "a": 2}"#, #"{"a": 1, "c": 2}"#, #"{"a": 1,}"#, #"{"a" : 1}"#, #"[]"#,
        ]
        #expect(try SchemaChecks.accepted(texts, by: schema) == Array(texts[..<3]))
    }

    @Test func otherMembersObeyAdditionalPropertiesUnlessAPatternNamesThem() throws {
        let schema =
            #"{"type":"object","properties":{"id":{}},"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":{"type":"integer"}}"#
        let texts = [
            #"{"id": null, "x-a": "s", "n": 3}"#, #"{}"#, #"{"x-": ""}"#, #"{"x-a": 1}"#, #"{"n": "s"}"#,
            #"{"\u0069d": 1}"#,
        ]
        #expect(try SchemaChecks.accepted(texts, by: schema) == Array(texts[..<3]))
    }

    @Test func countsAndDependenciesHold() throws {
        let schema =
            #"{"type":"object","minProperties":1,"maxProperties":2,"dependentRequired":{"a":["b"]},"dependentSchemas":{"c":{"required":["d"]}}}"#
        let texts = [
            #"{"b": 1}"#, #"{"a": 1, "b": 2}"#, #"{"c": 1, "d": 2}"#, #"{"e": 1, "f": 2}"#, "{}", #"{"a": 1}"#,
            #"{"c": 1}"#, #"{"e": 1, "f": 2, "g": 3}"#,
        ]
        #expect(try SchemaChecks.accepted(texts, by: schema) == Array(texts[..<4]))
    }

    @Test func propertyNamesLimitsNames() throws {
        let schema = #"{"type":"object","properties":{"toolong":{}},"propertyNames":{"maxLength":3}}"#
        let texts = [#"{"abc": 1}"#, "{}", #"{"toolong": 1}"#, #"{"abcd": 1}"#]
        #expect(try SchemaChecks.accepted(texts, by: schema) == Array(texts[..<2]))
    }

    @Test func aMemberThatIsSoughtByItsValueHasToBeThere() throws {
        let schema = #"{"type":"object","not":{"additionalProperties":{"type":"integer"}}}"#
        let texts = [#"{"a": 1, "b": "s"}"#, #"{"b": null}"#, "{}", #"{"a": 1}"#]
        #expect(try SchemaChecks.accepted(texts, by: schema) == Array(texts[..<2]))
    }

    @Test func anObjectThatCannotBeCompletedIsRefusedAtOnce() throws {
        let schema = #"{"type":"object","required":["a","b"],"maxProperties":1}"#
        #expect(try SchemaChecks.failure(schema)?.reason == .unsatisfiable)
    }
}
