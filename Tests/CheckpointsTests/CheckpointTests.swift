import Checkpoints
import Foundation
import Tensors
import Testing

@Suite struct CheckpointTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func error(_ path: String) throws -> String {
        try #require(throws: CheckpointError.self) { try Checkpoint.open(path: path) }.description
    }

    @Test func opensAFileAndTellsWhatItIs() throws {
        var file = GGUFBuilder.tiny()
        file["tokenizer.chat_template"] = .string("{{ messages }}")
        file["tokenizer.chat_template.tool_use"] = .string("{{ tools }}")
        let checkpoint = try Checkpoint.open(path: try directory.write(file.bytes))
        #expect(checkpoint.modelName == "tiny")
        #expect(checkpoint.text.chatTemplates.standard == "{{ messages }}")
        #expect(checkpoint.text.chatTemplates.named == ["tool_use": "{{ tools }}"])
        #expect(checkpoint.contentDescription.contains("tiny: llama, 2 layers of 32, 4 heads (2 KV), vocabulary 4"))
    }

    @Test func theTemplateNamedDefaultIsTheDefault() throws {
        var file = GGUFBuilder.tiny()
        #expect(try Checkpoint.open(path: try directory.write(file.bytes)).text.chatTemplates.standard == nil)
        file["tokenizer.chat_template.default"] = .string("x")
        #expect(try Checkpoint.open(path: try directory.write(file.bytes)).text.chatTemplates.standard == "x")
    }

    @Test func aTemplateThatIsNotTextIsAnError() throws {
        var file = GGUFBuilder.tiny()
        file["tokenizer.chat_template"] = .bytes([0x7B, 0xFF])
        #expect(try error(try directory.write(file.bytes)).contains("tokenizer.chat_template is 2 bytes: not UTF-8"))
    }

    @Test func theTextSideMayBeOfAnyArchitectureAndWithoutTensors() throws {
        var file = GGUFBuilder.tiny("mamba")
        file.tensors = []
        let path = try directory.write(file.bytes)
        #expect(try CheckpointText.open(path: path).modelName == "tiny")
    }

    @Test func aVocabularyIsNoModel() throws {
        var file = GGUFBuilder.tiny()
        file.tensors = []
        #expect(try error(try directory.write(file.bytes)).contains("holds only a vocabulary"))
    }

    @Test func opensTheOnlyFileOfADirectory() throws {
        let path = try directory.write(GGUFBuilder.tiny().bytes, to: "a.gguf")
        try directory.write([1], to: "config.json")
        #expect(try Checkpoint.open(path: directory.path).path == path)
        try directory.write([1], to: "b.gguf")
        #expect(try error(directory.path).contains("2 GGUF files (a.gguf, b.gguf): name the one to serve"))
    }

    @Test func explainsOtherDirectories() throws {
        #expect(try error(directory.path).contains("holds neither a GGUF file nor a Hugging Face checkpoint"))
        try directory.write([1], to: "config.json")
        #expect(try error(directory.path).contains("has a config.json, but no model.safetensors"))
        try directory.write([1], to: "pytorch_model.bin")
        let message = try error(directory.path)
        #expect(message.contains("pickled (pytorch_model.bin)") && message.contains("save_pretrained(NEW_DIRECTORY)"))
        try directory.write([1], to: "consolidated.00.safetensors")
        #expect(try error(directory.path).contains("consolidated.00.safetensors is in Mistral's own format"))
        try directory.write([1], to: "adapter_model.safetensors")
        #expect(try error(directory.path).contains("Mistral's own format"))
        try directory.write(Array("not ours".utf8), to: "rank0.engine")
        #expect(try error(directory.path).contains("isn't an engine of this program"))
    }

    @Test func whatIsNoFileIsAnError() throws {
        #expect(try error("\(directory.path)/absent.gguf").contains("No such file"))
        #expect(try error("/dev/null").contains("not a regular file"))
        #expect(try error(try directory.write([])).contains("the file is empty"))
        #expect(try error(try directory.write([UInt8]("GGUF".utf8))).contains("version needs 4 bytes, the file has 0"))
    }

    /// The tiny model in two files.
    private func split(count: UInt16 = 2, second: UInt16 = 1, tensors: Int32 = 2) throws -> [String] {
        var first = GGUFBuilder.tiny()
        let last = first.tensors.removeLast()
        first["split.no"] = .uint16(0)
        first["split.count"] = .uint16(count)
        first["split.tensors.count"] = .int32(tensors)
        var other = GGUFBuilder()
        other["split.no"] = .uint16(second)
        other["split.count"] = .uint16(count)
        other.tensors = [last]
        return [
            try directory.write(first.bytes, to: "m-00001-of-00002.gguf"),
            try directory.write(other.bytes, to: "m-00002-of-00002.gguf"),
        ]
    }

    @Test func opensASplitCheckpoint() throws {
        let paths = try split()
        for path in [paths[0], directory.path] {
            var tensors = try Checkpoint.open(path: path).tensors
            #expect(tensors.names == ["token_embd.weight", "output_norm.weight"])
            #expect(try tensors.vector("output_norm.weight", count: 32).bytes.count == 128)
        }
        #expect(try error(paths[1]).contains("open the first file of a split checkpoint"))
    }

    @Test func aSplitCheckpointMustBeComplete() throws {
        #expect(try error(try split(tensors: 3)[0]).contains("'split.tensors.count' is 3, must be 2"))
        #expect(try error(try split(second: 2)[0]).contains("'split.no' is 2, must be 1"))
        #expect(try error(try split(count: 3)[0]).contains("split into 3 files"))
        let paths = try split()
        try FileManager.default.removeItem(atPath: paths[1])
        #expect(try error(paths[0]) == "\(paths[1]): can't be read: No such file or directory")
        try directory.write(GGUFBuilder.tiny().bytes, to: "m-00002-of-00002.gguf")
        #expect(try error(paths[0]).contains("'split.no' is missing"))
    }

    @Test func twoFilesMustNotHoldTheSameTensor() throws {
        let paths = try split(tensors: 3)
        var other = GGUFBuilder()
        other["split.no"] = .uint16(1)
        other.add("output_norm.weight", [32])
        other.add("token_embd.weight", [32])
        try directory.write(other.bytes, to: "m-00002-of-00002.gguf")
        #expect(try error(paths[0]).contains("'token_embd.weight': another file of the checkpoint has it too"))
    }
}
