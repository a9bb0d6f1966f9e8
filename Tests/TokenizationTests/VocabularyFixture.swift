import Foundation
import OrderedJSON
import Testing
import Tokenization

/// A vocabulary with texts and what the library that it was made for makes of them.
struct VocabularyFixture {
    let name: String
    let files: TokenizerFiles
    let expected: JSONValue

    /// The names of all, those of one's own with a slash in front: what tests are told, and print when they fail.
    static let names = committed.map(\.name) + own.map { "/\($0.name)" }

    static func named(_ name: String) throws -> VocabularyFixture {
        let found = committed.first { $0.name == name } ?? own.first { "/\($0.name)" == name }
        return try #require(found)
    }

    /// The vocabularies in `Tests/Fixtures/tokenization/vocabularies`.
    static let committed: [VocabularyFixture] = {
        let folder = Fixture.folder.appending(path: "vocabularies")
        return names(in: folder).filter { $0.hasSuffix(".json") }.compactMap { file in
            guard let value = json(folder.appending(path: file)) else { return nil }
            var files = TokenizerFiles()
            files.tokenizer = value["tokenizer.json"]?.serialized
            files.configuration = value["tokenizer_config.json"]?.serialized
            files.tekken = value["tekken.json"]?.serialized
            let model = value["tokenizer.model"]?.stringValue.flatMap { Data(base64Encoded: $0) }
            files.sentencePiece = model.map { [UInt8]($0) }
            return VocabularyFixture(name: String(file.dropLast(5)), files: files, expected: value)
        }
    }()

    /// Those in the folders of the folder that TOKENIZER_VOCABULARIES names, each with an `expected.json` that
    /// `make-vocabularies.py` wrote.
    static let own: [VocabularyFixture] = {
        guard let path = ProcessInfo.processInfo.environment["TOKENIZER_VOCABULARIES"] else { return [] }
        let folder = URL(filePath: path)
        return names(in: folder).compactMap { name in
            let place = folder.appending(path: name)
            guard let value = json(place.appending(path: "expected.json")) else { return nil }
            func bytes(_ file: String) -> [UInt8]? {
                (try? Data(contentsOf: place.appending(path: file))).map { [UInt8]($0) }
            }
            var files = TokenizerFiles()
            files.tokenizer = bytes("tokenizer.json")
            files.configuration = bytes("tokenizer_config.json")
            files.tekken = bytes("tekken.json")
            files.sentencePiece = bytes("tokenizer.model")
            return VocabularyFixture(name: name, files: files, expected: value)
        }
    }()

    private static func names(in folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    private static func json(_ file: URL) -> JSONValue? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        return try? JSONParser.parse([UInt8](data))
    }
}
