import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// What happens when the file of a model is made shorter.
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

    @Test(arguments: [40_000, 80_000, 250_000])
    func aFileThatIsTruncatedBeforeTheLoadIsAnErrorThatNamesATensor(length: UInt64) throws {
        let copy = URL.temporaryDirectory.appending(path: "\(UUID().uuidString).gguf")
        try FileManager.default.copyItem(at: TinyModel.folder.appending(path: "llama.gguf"), to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let checkpoint = try Checkpoint.open(path: copy.path)
        try FileHandle(forWritingTo: copy).truncate(atOffset: length)
        #expect {
            try DecoderModel.load(checkpoint: checkpoint, pool: ThreadPool(threadCount: 2))
        } throws: { error in
            "\(error)".hasPrefix("tensor '") && "\(error)".contains("its file has become shorter")
        }
    }
}
