import Foundation
import GuidedDecoding
import Testing

/// `docs/json-schema.md` against the compiler.
@Suite struct SchemaDocumentationTests {
    private static func text() throws -> String {
        let root = SchemaChecks.fixtures.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/json-schema.md"), encoding: .utf8)
    }

    /// What stands between backticks.
    private static func quoted(_ text: Substring) -> Set<String> {
        Set(
            text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        )
    }

    @Test func theTableNamesTheKeywordsThatAreReadAndNoOthers() throws {
        let text = try Self.text()
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let named = rows.reduce(into: Set<String>()) { names, row in
            names.formUnion(Self.quoted(row.split(separator: "|")[0]))
        }
        #expect(named == SchemaKeywords.all)
    }

    @Test func theFormatsThatAreListedAreKeptAndNoOthers() throws {
        let text = try Self.text()
        let start = try #require(text.range(of: "Formats that are kept"))
        let end = try #require(text.range(of: ".\n\n", range: start.upperBound..<text.endIndex))
        #expect(Self.quoted(text[start.upperBound..<end.lowerBound]) == Set(StringFormats.names))
    }
}
