import Checkpoints
import Foundation
import OrderedJSON
import Testing

/// Names of tensors compared with those of another program (`Tests/Fixtures/checkpoints/make-names.py`).
@Suite struct ForeignNameTests {
    private static let models: JSONObject = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/checkpoints/hugging-face.json")
        guard let data = try? Data(contentsOf: path), let value = try? JSONParser.parse([UInt8](data)) else {
            return [:]
        }
        return value.objectValue ?? [:]
    }()

    @Test func thereAreModelsOfEveryArchitecture() {
        #expect(Self.models.count >= ModelArchitecture.allCases.count)
    }

    @Test(arguments: models.keys) func tensorsHaveTheNamesOfLlamaCpp(name: String) throws {
        let model = try #require(Self.models[name])
        let config = try #require(model["config"]?.objectValue)
        let tensors = try #require(model["tensors"]?.objectValue)
        for (tensor, expected) in tensors {
            guard let expected = expected.stringValue else { continue }
            var directory = try TinyDirectory()
            directory.config = config
            directory.weights = SafetensorsBuilder()
            // Only its name matters here: every one is tried alone.
            let isVector =
                !expected.hasPrefix("position_embd") && !tensor.hasSuffix("c_proj.weight")
                && !tensor.hasSuffix("c_fc.weight")
            directory.weights.add(tensor, isVector ? [1] : [9, 8])
            let isTied = expected == "output.weight" && config["tie_word_embeddings"] != false
            #expect(try directory.open().tensors.names == (isTied ? [] : [expected]), "\(tensor)")
        }
    }
}
