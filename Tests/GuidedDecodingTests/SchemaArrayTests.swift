import GuidedDecoding
import Testing

/// Arrays: elements by place, counts, what has to be among them.
@Suite struct SchemaArrayTests {
    @Test(arguments: [
        (
            #"{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2}"#, ["[1]", "[1, 2]", "[1,2]"],
            ["[]", "[1, 2, 3]", "[\"a\"]"]
        ),
        (
            #"{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}"#,
            ["[]", "[1]", #"[1, "a"]"#], [#"["a"]"#, #"[1, "a", 2]"#]
        ),
        (
            #"{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"null"}],"additionalItems":{"type":"boolean"},"type":"array","minItems":2}"#,
            ["[null, true]", "[null, true, false]"], ["[null]", "[true, true]", "[null, 1]"]
        ),
        (
            #"{"type":"array","items":{"type":["integer","string"]},"contains":{"type":"string"}}"#,
            [#"["a"]"#, #"[1, "a", 2]"#], ["[]", "[1, 2]"]
        ),
        (
            #"{"type":"array","contains":{"const":1},"minContains":2,"maxContains":3,"maxItems":4}"#,
            ["[1, 1]", "[1, 2, 1, 1]"], ["[1]", "[1, 1, 1, 1]", "[2, 2, 2]", "[1, 1, 2, 2, 2]"]
        ),
        (
            #"{"type":"array","items":{"enum":["a","b","c"]},"uniqueItems":true,"minItems":2}"#,
            [#"["a", "b"]"#, #"["c", "a", "b"]"#], [#"["a"]"#, #"["a", "a"]"#, #"["a", "b", "a"]"#]
        ),
        (#"{"type":"array","not":{"items":{"type":"integer"}}}"#, [#"[1, "a"]"#, "[null]"], ["[]", "[1, 2]"]),
        (#"{"type":"array","maxItems":0}"#, ["[]"], ["[1]"]),
    ])
    func elementsAreThoseOfTheSchema(_ schema: String, _ valid: [String], _ invalid: [String]) throws {
        #expect(try SchemaChecks.accepted(valid + invalid, by: schema) == valid)
    }
}
