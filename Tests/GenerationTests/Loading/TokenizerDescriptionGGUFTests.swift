import Checkpoints
import Foundation
import Generation
import Testing
import Tokenization

@Suite struct TokenizerDescriptionGGUFTests {
    private static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/checkpoints/\(name).gguf").path
    }

    private func describe(_ path: String) throws -> TokenizerDescription {
        try TokenizerDescription(metadata: try GGUFFile.open(path: path).metadata)
    }

    /// The fixture with the first `old` behind the first `anchor` replaced by bytes of the same length.
    private func patched<Result>(
        _ anchor: String,
        _ old: [UInt8],
        _ new: [UInt8],
        _ body: (String) throws -> Result,
    ) throws -> Result {
        var data = try Data(contentsOf: URL(fileURLWithPath: Self.fixture("every-type")))
        let start = try #require(data.range(of: Data(anchor.utf8))).lowerBound
        let place = try #require(data.range(of: Data(old), in: start..<data.endIndex))
        try #require(old.count == new.count)
        data.replaceSubrange(place, with: new)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("patched-\(UUID().uuidString).gguf")
        try data.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(file.path)
    }

    @Test func takesEverythingTheFileStates() throws {
        let d = try describe(Self.fixture("every-type"))
        #expect(d.model == .unigram)
        #expect(d.pieces == [Array("<unk>".utf8), [0xE2, 0x96, 0x81, 0x61], [0xFF]])
        #expect(d.scores == [0, -1.5, -2.25])
        #expect(d.kinds == [.unknown, .normal, .byte])
        #expect(d.merges.isEmpty)
        #expect(d.unknown == 0)
        #expect(d.bos == 1)
        #expect(d.eos == 2)
        #expect(d.eot == 1)
        #expect(d.eom == 2)
        #expect(d.padding == 0)
        #expect(d.addBOS == true)
        #expect(d.addEOS == false)
        #expect(d.addSpacePrefix == true)
        #expect(d.removeExtraWhitespaces == true)
        #expect(d.precompiledCharsmap == [4, 0, 0, 0, 255])
        #expect(d.modelName == "every type")
        #expect(d.preTokenizer == "default")
    }

    @Test func leavesOpenWhatTheFileDoesNotState() throws {
        let d = try describe(Self.fixture("vocabulary"))
        #expect(d.model == .byteLevelBPE)
        #expect(d.preTokenizer == "default")
        #expect(d.pieces == ["a", "b", "ab"].map { Array($0.utf8) })
        #expect(d.merges == [Array("a b".utf8)])
        #expect(d.kinds.isEmpty)
        #expect(d.scores.isEmpty)
        #expect(d.bos == 0)
        // Written as -1.
        #expect(d.eos == nil)
        #expect(d.eot == nil)
        #expect(d.unknown == nil)
        #expect(d.padding == nil)
        // By the key's old name.
        #expect(d.fillInMiddle.prefix == 1)
        #expect(d.fillInMiddle.suffix == nil)
        #expect(d.addBOS == nil)
        #expect(d.addEOS == nil)
        #expect(d.addSpacePrefix == nil)
        #expect(d.removeExtraWhitespaces == nil)
        #expect(d.modelName.isEmpty)
    }

    @Test func theIdThatStandsForNoneIsNone() throws {
        let none = [0xFF, 0xFF, 0xFF, 0xFF] as [UInt8]
        #expect(try patched("eot_token_id", [1, 0, 0, 0], none) { try describe($0) }.eot == nil)
    }

    @Test func anIdBeyondThirtyOneBitsIsNamed() throws {
        try patched("eot_token_id", [1, 0, 0, 0], [0, 0, 0, 0x80]) { path in
            let error = #expect(throws: CheckpointError.self) { try describe(path) }
            #expect(error?.description.contains("'tokenizer.ggml.eot_token_id' is 2147483648") == true)
        }
    }

    @Test func anUnknownModelIsNamedWithTheListOfOurs() throws {
        try patched("tokenizer.ggml.model", Array("t5".utf8), Array("t9".utf8)) { path in
            let error = #expect(throws: CheckpointError.self) { try describe(path) }
            let expected = "'tokenizer.ggml.model' is 't9', must be one of gemma4, gpt2, llama, t5"
            #expect(error?.description.contains(expected) == true)
        }
    }

    @Test(arguments: ["model", "tokens"]) func aMissingKeyIsNamed(name: String) throws {
        let key = Array("tokenizer.ggml.\(name)".utf8)
        try patched("tokenizer.ggml.\(name)", key, key.dropLast() + [0x5F]) { path in
            let error = #expect(throws: CheckpointError.self) { try describe(path) }
            #expect(error?.description.contains("'tokenizer.ggml.\(name)' is missing") == true)
        }
    }

    @Test func anUnknownKindIsNamedWithItsToken() throws {
        try patched("token_type", [6, 0, 0, 0], [7, 0, 0, 0]) { path in
            let error = #expect(throws: CheckpointError.self) { try describe(path) }
            #expect(error?.description.contains("'tokenizer.ggml.token_type[2]' is 7, must be from 0 to 6") == true)
        }
    }

    @Test func aListOfAnotherTypeIsNamed() throws {
        // The scores' element type, 6 for float, becomes 4 for unsigned integer.
        try patched("tokenizer.ggml.scores", [9, 0, 0, 0, 6, 0, 0, 0], [9, 0, 0, 0, 4, 0, 0, 0]) { path in
            let error = #expect(throws: CheckpointError.self) { try describe(path) }
            #expect(error?.description.contains("'tokenizer.ggml.scores' holds an array of 3 uint32") == true)
        }
    }
}
