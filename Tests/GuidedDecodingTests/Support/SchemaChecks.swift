import Foundation
import GuidedDecoding
import OrderedJSON

/// Schemas compiled over single bytes.
enum SchemaChecks {
    private static let vocabulary = Vocabularies.of([])
    private static let compiler = GrammarCompiler(vocabulary: vocabulary)

    /// The fixtures of `Tests/Fixtures/json-schema`.
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/json-schema")

    /// A matcher of a schema.
    static func matcher(_ schema: JSONValue) throws -> any TokenMatcher {
        try compiler.compile(.jsonSchema(schema)).makeMatcher()
    }

    /// A matcher of a schema as text.
    static func matcher(_ schema: String) throws -> any TokenMatcher { try matcher(JSONParser.parse(schema)) }

    /// The texts that a schema allows, of some.
    static func accepted(_ texts: [String], by schema: String) throws -> [String] {
        let matcher = try matcher(schema)
        return texts.filter { matcher.accepts($0, of: vocabulary) }
    }

    /// Whether a schema allows a text.
    static func accepts(_ text: String, _ matcher: any TokenMatcher) -> Bool {
        matcher.accepts(text, of: vocabulary)
    }

    /// What is wrong with a schema that can't be used.
    static func failure(_ schema: String) throws -> GrammarError? {
        do {
            _ = try matcher(schema)
            return nil
        } catch let error as GrammarError {
            return error
        }
    }
}
