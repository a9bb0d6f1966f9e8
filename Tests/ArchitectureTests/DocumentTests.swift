import Foundation
import Testing

/// What documents say is where they say it is.
@Suite struct DocumentTests {
    private static let folder = ImportTests.root.appending(path: "docs")
    static let documents = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".md") }.sorted()

    /// Every file and folder of the repository's own, each after a slash.
    private static let places: [String] = {
        ["Sources", "Tests", "docs", "scripts", "benchmarks", "examples"].flatMap { top in
            let files = FileManager.default.enumerator(atPath: ImportTests.root.appending(path: top).path)
            return ["/" + top] + (files?.compactMap { ($0 as? String).map { "/\(top)/\($0)" } } ?? [])
        }
    }()

    /// Whether quoted text is meant to be a place: a source file, or a path from a folder that we have.
    private static func isPlace(_ text: String) -> Bool {
        let folders = ["Sources", "Tests", "docs", "scripts", "benchmarks", "examples"] + ImportTests.storeys
        return [".swift", ".c", ".h"].contains(where: text.hasSuffix) || folders.contains { text.hasPrefix($0 + "/") }
    }

    @Test(arguments: documents)
    func everyPathThatADocumentNamesExists(document: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: document), encoding: .utf8)
        for path in text.matches(of: /`([A-Za-z0-9_\-.\/+]+)`/).map({ String($0.1) }) where Self.isPlace(path) {
            let place = "/" + (path.hasSuffix("/") ? String(path.dropLast()) : path)
            #expect(Self.places.contains { $0.hasSuffix(place) }, "\(document) names \(path)")
        }
        for link in text.matches(of: /\]\(([^)#:]+)(?:#[^)]*)?\)/).map({ String($0.1) }) {
            let target = Self.folder.appending(path: link).standardized.path
            #expect(FileManager.default.fileExists(atPath: target), "\(document) links to \(link)")
        }
    }

    @Test func theExampleOfAFamilyIsTheFamilyThatIsBuilt() throws {
        let text = try String(contentsOf: Self.folder.appending(path: "models.md"), encoding: .utf8)
        let block = try #require(text.firstMatch(of: /( +)```swift\n((?:.*\n)*?) +```/))
        let example = block.2.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.dropFirst(block.1.count) }.joined(separator: "\n")
        let family = ImportTests.root.appending(path: "Sources/Model/Models/Families/OLMo2.swift")
        #expect(!example.isEmpty)
        #expect(try String(contentsOf: family, encoding: .utf8).contains(example))
    }

    @Test func thereAreDocuments() { #expect(Self.documents.contains("architecture.md")) }
}
