import OrderedJSON
import Testing

@Suite struct JSONParserTests {
    @Test(arguments: [
        #"{"b":1,"a":[true,false,null],"c":{"d":"x"}}"#,
        #"[0,-1,1.5,1e+20,"é\n\"\\"]"#,
        #""\u0001""#,
        "[]", "{}", "\"\"", "9223372036854775807",
    ])
    func writesBackWhatItRead(text: String) throws {
        let value = try JSONParser.parse(text)
        #expect(try JSONParser.parse(value.serialized) == value)
        #expect(value.serializedText == text)
    }

    @Test func keysKeepTheirOrderAndTheLastOfEqualKeysWins() throws {
        let value = try JSONParser.parse(#"{"z":1,"a":2,"z":3}"#)
        #expect(value.objectValue?.keys == ["z", "a"])
        #expect(value["z"] == 3)
    }

    @Test func keysThatDifferInBytesStayApart() throws {
        let value = try JSONParser.parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value.objectValue?.count == 2)
    }

    @Test func integersAndNumbersAreToldApart() throws {
        #expect(try JSONParser.parse("[1,1.0,1e0]") == [.integer(1), .number(1), .number(1)])
    }

    @Test func surrogatePairsBecomeOneScalar() throws {
        #expect(try JSONParser.parse(#""\ud83d\ude00""#) == "😀")
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":}", "{a:1}", "[1 2]", "01", "1.", ".5", "+1", "-", "1e", "nul", "NaN", "Infinity",
        "1e999", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "\"", "1 1",
        "{\"a\":1", "\u{FEFF}1",
    ])
    func refusesWhatIsNotJSON(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(text) }
    }

    @Test func refusesInvalidUTF8AndSaysWhere() {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse([0x5B, 0x22, 0xFF, 0x22, 0x5D]) }
        #expect(error?.description == "invalid UTF-8 in a string at byte 2")
    }

    @Test func refusesNestingOverTheLimit() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        _ = try JSONParser.parse(nested(128))
        #expect(throws: JSONError.self) { try JSONParser.parse(nested(129)) }
        #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func refusesMoreValuesOrContainersThanTheLimits() throws {
        let limits = JSONLimits(values: 6, containers: 3)
        _ = try JSONParser.parse(#"[{"a":1},[2,3]]"#, limits: limits)
        let values = #expect(throws: JSONError.self) { try JSONParser.parse("[1,2,3,4,5,6]", limits: limits) }
        #expect(values?.message == "more than 6 values")
        let containers = #expect(throws: JSONError.self) { try JSONParser.parse("[[],{},[]]", limits: limits) }
        #expect(containers?.message == "more than 3 arrays and objects")
    }

    @Test func refusesNumbersThatNeverEnd() throws {
        #expect(try JSONParser.parse("1" + String(repeating: "0", count: 300)) == .number(1e300))
        #expect(throws: JSONError.self) { try JSONParser.parse("0." + String(repeating: "1", count: 1_000_000)) }
    }

    @Test func numbersThatJSONCannotWriteBecomeNull() {
        #expect(JSONValue.array([.number(.nan), .number(.infinity)]).serializedText == "[null,null]")
    }
}
