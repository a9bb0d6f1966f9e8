import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// What a loaded model needs of its file: nothing.
@Suite struct LoadedModelTests {
    /// A model with an output matrix of its own, one that shares it with the embedding, and one in 8 bits.
    @Test(arguments: ["llama", "qwen2", "llama-q8_0", "gemma3"])
    func aFileThatIsTruncatedAfterTheLoadChangesNothing(name: String) throws {
        let tokens = Array(try TinyModel.expectation(name).tokens[..<40])
        let expected = try TinyModel(name).feed(tokens[...], position: 0, blocks: [0, 1])
        let copy = URL.temporaryDirectory.appending(path: "\(UUID().uuidString).gguf")
        try FileManager.default.copyItem(at: TinyModel.folder.appending(path: "\(name).gguf"), to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let tiny = try TinyModel(path: copy.path)
        try FileHandle(forWritingTo: copy).truncate(atOffset: 0)
        #expect(tiny.feed(tokens[...], position: 0, blocks: [0, 1]) == expected)
    }
}
