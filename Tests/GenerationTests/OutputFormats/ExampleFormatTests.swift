import Foundation
import Generation
import Testing

@Suite struct ExampleFormatTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "ExampleFormat.swift"
    )

    @Test func theFormatOfTheDocumentationReadsItsCalls() throws {
        var parser = SectionedParser(
            reasoning: nil,
            openers: ToolCallFormat.example.openers(ControlTokens([])),
            ignored: [],
            situation: OutputSituation(tools: FormatSample.tools),
            ids: CallIDs { index, _ in "id\(index)" }
        )
        let deltas = parser.append(Array(#"Now. <call now>{"a": 1}</call><call rm>{}</call>"#.utf8)) + parser.finish()
        let parsed = ParsedOutput(deltas)
        #expect(parsed.content == "Now.<call rm>{}</call>")
        #expect(parsed.calls == [ParsedOutput.Call(id: "id0", name: "now", arguments: #"{"a": 1}"#)])
    }

    @Test func theDocumentationShowsTheFormatAsItIsBuilt() throws {
        let page = Self.file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/tools.md")
        let source = try String(contentsOf: Self.file, encoding: .utf8)
        let code = try #require(source.split(separator: "import Generation\n\n").last)
        #expect(try String(contentsOf: page, encoding: .utf8).contains("```swift\n\(code)```"))
    }
}
