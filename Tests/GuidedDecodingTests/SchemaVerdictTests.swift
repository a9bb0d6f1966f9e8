import Foundation
import GuidedDecoding
import OrderedJSON
import Testing

/// Random schemas and instances against the verdicts of the `jsonschema` package.
@Suite struct SchemaVerdictTests {
    @Test func everySchemaThatCompilesAllowsWhatAValidatorAllowsAndNothingElse() throws {
        let data = try Data(contentsOf: SchemaChecks.fixtures.appending(path: "cases.json"))
        let cases = try #require(try JSONParser.parse([UInt8](data)).arrayValue)
        #expect(cases.count == 400)
        var compiled = 0
        for entry in cases {
            let schema = try #require(entry["schema"])
            let matcher: any TokenMatcher
            do {
                matcher = try SchemaChecks.matcher(schema)
            } catch let error as GrammarError where error.reason == .unsupported {
                continue
            }
            compiled += 1
            for (key, verdict) in [("valid", true), ("invalid", false)] {
                for text in (entry[key]?.arrayValue ?? []).compactMap(\.stringValue) {
                    let isAccepted = SchemaChecks.accepts(text, matcher)
                    #expect(isAccepted == verdict, "\(text) under \(schema.serializedText)")
                }
            }
        }
        #expect(compiled >= 390)
    }
}
