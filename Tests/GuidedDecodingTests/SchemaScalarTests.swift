import GuidedDecoding
import Testing

/// Numbers, strings and listed values.
@Suite struct SchemaScalarTests {
    @Test(arguments: [
        (#"{"type":"integer"}"#, ["0", "-7", "120"], ["1.0", "1e2", "01", "+1", "-"]),
        (#"{"type":"number"}"#, ["0", "-0.5", "1e5", "2.50E-3"], [".5", "1.", "1e", "1e999"]),
        (#"{"type":"integer","minimum":-3,"maximum":120}"#, ["-3", "0", "99", "120"], ["-4", "121", "1000", "-30"]),
        (#"{"type":"integer","exclusiveMinimum":0.5,"exclusiveMaximum":3}"#, ["1", "2"], ["0", "3", "-1"]),
        (
            #"{"type":"number","minimum":0.25,"exclusiveMaximum":10}"#, ["0.25", "0.3", "9.99", "1"],
            ["0.2", "10", "10.0", "0"]
        ),
        (#"{"type":"number","maximum":-1.5}"#, ["-1.5", "-1.50", "-2", "-10.1"], ["-1.4", "-1", "0", "1.5"]),
        (#"{"type":"number","minimum":0,"exclusiveMinimum":true}"#, ["0.1", "3"], ["0", "0.0", "-1"]),
        (#"{"type":"integer","multipleOf":7}"#, ["0", "7", "-14", "700"], ["1", "8", "71"]),
        (#"{"type":"number","multipleOf":0.25}"#, ["0.5", "1", "-2.75", "1.50"], ["0.3", "1.255"]),
        (#"{"type":"integer","multipleOf":2.5}"#, ["5", "10", "0"], ["2", "3"]),
        (#"{"type":"number","not":{"type":"integer"}}"#, ["0.5", "-1.25"], ["1", "1.0", "0"]),
        (
            #"{"type":"string","minLength":2,"maxLength":3}"#, [#""ab""#, #""é\u00e9x""#, #""\n\"""#],
            [#""a""#, #""abcd""#, "\"a\nb\""]
        ),
        (#"{"type":"string","pattern":"^a+$","minLength":2}"#, [#""aa""#], [#""a""#, #""ab""#, #""baa""#]),
        (#"{"type":"string","not":{"pattern":"A"}}"#, [#""b""#, #""""#], [#""bA""#, #""\u0041""#]),
        (
            #"{"enum":["a",1,null,{"k":[true]}]}"#, [#""a""#, "1", "1.0", "null", #"{"k": [true]}"#],
            [#""b""#, "2", "{}", "true"]
        ),
        (#"{"enum":["red","green",3],"type":"string","pattern":"e$|n$"}"#, [#""green""#], [#""red""#, "3"]),
        (#"{"const":2.5}"#, ["2.5"], ["2", "2.51"]),
        (#"{"type":["null","boolean"]}"#, ["null", "true", "false"], ["0", #""""#]),
    ])
    func valuesAreThoseOfTheSchema(_ schema: String, _ valid: [String], _ invalid: [String]) throws {
        #expect(try SchemaChecks.accepted(valid + invalid, by: schema) == valid)
    }

    @Test(arguments: [
        ("date", ["2024-02-29", "1999-12-31"], ["2023-02-29", "1999-13-01", "1999-06-31", "1900-02-29"]),
        ("time", ["12:00:00Z", "23:59:59.5+02:00"], ["24:00:00Z", "12:00", "12:60:00Z"]),
        (
            "date-time", ["2024-01-01T00:00:00Z", "2024-01-01T10:20:30.123-05:00"],
            ["2024-01-01 00:00:00Z", "2024-01-01T00:00:00"]
        ),
        ("duration", ["P1Y2M3DT4H5M6S", "PT1H", "P2W"], ["P", "1Y", "P1H"]),
        ("email", ["a.b@example.com"], ["a", "a@", "@b", "a b@c"]),
        ("hostname", ["example.com", "a-b.c"], ["-a", "a_b", "a..b"]),
        ("ipv4", ["127.0.0.1", "255.255.255.255"], ["256.1.1.1", "1.2.3", "01.2.3.4"]),
        ("ipv6", ["::1", "2001:db8::8a2e:370:7334", "::ffff:1.2.3.4"], ["1:2", ":::", "1::2::3", "12345::"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567", "123e4567e89b12d3a456426614174000"]),
        ("uri", ["https://a.b/c?d=e#f", "urn:x:y"], ["a b", "/relative", "//host"]),
        ("uri-reference", ["/relative", "a#b", ""], ["a b", "%zz"]),
        ("uri-template", ["https://a.b/{id}{?q*,n:3}", "a"], ["{", "{a", "a b", "{!a}"]),
        ("json-pointer", ["", "/a/~0b"], ["a", "/~2"]),
    ])
    func formatsAreKept(_ format: String, _ valid: [String], _ invalid: [String]) throws {
        let schema = #"{"type":"string","format":"\#(format)"}"#
        let texts = (valid + invalid).map { "\"\($0)\"" }
        #expect(try SchemaChecks.accepted(texts, by: schema) == valid.map { "\"\($0)\"" })
    }

    @Test func formatsWithoutAMeaningAreDecoration() throws {
        let schema = #"{"type":"string","format":"color"}"#
        #expect(try SchemaChecks.accepted([#""anything""#], by: schema).count == 1)
    }
}
