import Checkpoints
import Foundation
import OrderedJSON
import Testing

@Suite struct HuggingFaceCheckpointTests {
    @Test func opensADirectoryByTheNamesOfTheModel() throws {
        let checkpoint = try TinyDirectory().open()
        let c = checkpoint.configuration
        #expect(c.architecture == .llama)
        #expect(c.vocabularySize == 6)
        #expect(c.rotaryLayout == .halves)
        #expect(c.headCountsKV == [2, 2])
        #expect(!c.hasTiedEmbeddings)
        var tensors = checkpoint.tensors
        var names = ["token_embd.weight", "output_norm.weight", "output.weight"]
        for layer in 0..<2 {
            names += [
                "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down",
            ].map { "blk.\(layer).\($0).weight" }
        }
        #expect(tensors.names == names)
        let matrix = try tensors.matrix("blk.1.attn_k.weight", rows: 4, columns: 8)
        #expect(try matrix.numbers == (0..<4).map { row in (0..<8).map { Float(100 + row * 8 + $0) } })
        #expect(tensors.byteCount == 4 * 1096)
    }

    @Test func aTiedModelHasNoOutputMatrixWhateverTheFileHolds() throws {
        var tiny = try TinyDirectory()
        tiny.config["tie_word_embeddings"] = true
        let checkpoint = try tiny.open()
        #expect(checkpoint.configuration.hasTiedEmbeddings)
        #expect(!checkpoint.tensors.contains("output.weight"))
    }

    @Test func aConfigurationThatDoesNotSayIsTiedIfThereIsNoOutputMatrix() throws {
        var tiny = try TinyDirectory()
        tiny.config["tie_word_embeddings"] = nil
        #expect(try !tiny.open().configuration.hasTiedEmbeddings)
        tiny.weights.tensors.removeAll { $0.name == "lm_head.weight" }
        #expect(try tiny.open().configuration.hasTiedEmbeddings)
    }

    @Test func aTensorThatIsNotKnownKeepsItsNameAndShowsAsUnused() throws {
        var tiny = try TinyDirectory()
        tiny.weights.add("model.layers.0.self_attn.extra.weight", [1])
        tiny.weights.add("model.layers.0.self_attn.rotary_emb.inv_freq", [1])
        tiny.weights.add("vision_tower.x.weight", [1])
        let tensors = try tiny.open().tensors
        #expect(tensors.names.filter { !$0.hasPrefix("blk.") }.contains("model.layers.0.self_attn.extra.weight"))
        #expect(!tensors.names.contains { $0.contains("inv_freq") || $0.contains("vision") })
    }

    @Test func twoTensorsMustNotMeanTheSame() throws {
        var tiny = try TinyDirectory()
        tiny.weights.add("model.language_model.norm.weight", [8])
        let error = try #require(throws: CheckpointError.self) { try tiny.open() }
        #expect(error.description.contains("'model.language_model.norm.weight': 'model.norm.weight' is the same"))
    }

    @Test func theTextPartOfALargerModelCounts() throws {
        var tiny = try TinyDirectory()
        for index in tiny.weights.tensors.indices {
            tiny.weights.tensors[index].name = "language_model." + tiny.weights.tensors[index].name
        }
        var text = tiny.config
        text["architectures"] = nil
        tiny.config = ["architectures": ["Mistral3ForConditionalGeneration"], "text_config": .object(text)]
        let checkpoint = try tiny.open()
        #expect(checkpoint.configuration.embeddingLength == 8)
        #expect(checkpoint.tensors.contains("blk.1.ffn_down.weight") && checkpoint.tensors.contains("output.weight"))
        tiny.config["text_config"] = ["vocab_size": 6]
        let error = try #require(throws: CheckpointError.self) { try tiny.open() }
        #expect(error.description.contains("key 'text_config.max_position_embeddings' is missing"))
    }

    @Test func otherClassesAreRefusedWithTheNearestName() throws {
        var tiny = try TinyDirectory()
        tiny.config["architectures"] = ["LLamaForCausalLm"]
        let message = try #require(throws: CheckpointError.self) { try tiny.open() }.description
        #expect(message.contains("architecture 'LLamaForCausalLm' is not supported (did you mean 'LlamaForCausalLM'?)"))
        tiny.config["architectures"] = ["MambaForCausalLM"]
        #expect(
            try #require(throws: CheckpointError.self) { try tiny.open() }.description.contains("Qwen3MoeForCausalLM")
        )
        tiny.config["architectures"] = nil
        #expect(
            try #require(throws: CheckpointError.self) { try tiny.open() }.description.contains(
                "'architectures' is missing"
            )
        )
    }

    @Test func aDirectoryWithATokenizerAloneHasATextSide() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array("{}".utf8), to: "tokenizer.json")
        try directory.write(Array("{{ messages }}".utf8), to: "chat_template.jinja")
        let text = try CheckpointText.open(path: directory.path)
        #expect(text.chatTemplates.standard == "{{ messages }}")
        guard case .directory(directory.path) = text.tokenizer else {
            Issue.record("\(text.tokenizer)")
            return
        }
    }

    @Test func aSnapshotOfTheHubsCacheHasTheModelsName() throws {
        let tiny = try TinyDirectory()
        try tiny.write()
        let snapshots = "\(tiny.directory.path)/models--some-org--A.Model-1B/snapshots"
        try FileManager.default.createDirectory(atPath: snapshots, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(snapshots)/0a1b",
            withDestinationPath: tiny.directory.path
        )
        #expect(try Checkpoint.open(path: "\(snapshots)/0a1b").modelName == "some-org/A.Model-1B")
        #expect(try tiny.open().modelName == tiny.directory.path.split(separator: "/").last.map(String.init))
    }
}

/// Chat templates and defaults of generation in a directory's small files.
@Suite struct HuggingFaceTextTests {
    private let tiny: TinyDirectory

    init() throws { tiny = try TinyDirectory() }

    private func text(_ files: [String: JSONValue]) throws -> CheckpointText {
        for (name, value) in files { try tiny.directory.write(value.serialized, to: name) }
        return try tiny.open().text
    }

    @Test func theTemplateIsATextAListOrAFile() throws {
        #expect(try text([:]).chatTemplates.standard == nil)
        #expect(try text(["tokenizer_config.json": ["chat_template": "a"]]).chatTemplates.standard == "a")
        let list: JSONValue = [["name": "rag", "template": "r"], ["name": "default", "template": "d"]]
        let templates = try text(["tokenizer_config.json": ["chat_template": list]]).chatTemplates
        #expect(templates.standard == "d" && templates.named["rag"] == "r")
        try tiny.directory.write(Array("file".utf8), to: "chat_template.jinja")
        let folder = "\(tiny.directory.path)/additional_chat_templates"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try tiny.directory.write(Array("t".utf8), to: "additional_chat_templates/tool_use.jinja")
        let all = try text([:]).chatTemplates
        #expect(all.standard == "file" && all.named["tool_use"] == "t" && all.named["rag"] == "r")
    }

    @Test func aTemplateThatIsNotTextOrTooLargeIsAnError() throws {
        try tiny.directory.write([0x7B, 0xFF], to: "chat_template.jinja")
        #expect(throws: CheckpointError.self) { try text([:]) }
        try tiny.directory.write(Array(repeating: 0x20, count: 1 << 20 + 1), to: "chat_template.jinja")
        let error = try #require(throws: CheckpointError.self) { try text([:]) }
        #expect(error.description.contains("chat_template.jinja: size is 1048577, the limit is 1048576"))
    }

    @Test func endTokensAreThoseOfTheGenerationConfigOrElseOfTheConfig() throws {
        #expect(try text([:]).generation.endOfSequence == [2])
        #expect(try text(["generation_config.json": ["eos_token_id": [4, 5]]]).generation.endOfSequence == [4, 5])
        for bad in [-1, 2_147_483_648, "x", [[1]]] as [JSONValue] {
            let error = try #require(throws: CheckpointError.self) {
                try text(["generation_config.json": ["eos_token_id": bad]])
            }
            #expect(error.description.contains("'eos_token_id' is "), "\(error)")
        }
    }

    @Test func samplingDefaultsAreReadWithTheirLimits() throws {
        #expect(try text([:]).generation.sampling == nil)
        let defaults = try text([
            "generation_config.json": [
                "do_sample": true, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "min_p": nil,
                "repetition_penalty": 1.1,
            ]
        ]).generation
        #expect(defaults.samples == true && defaults.temperature == 0.7 && defaults.topK == 20)
        #expect(defaults.topP == 0.8 && defaults.minP == nil && defaults.repetitionPenalty == 1.1)
        #expect(defaults.sampling == "temperature 0.7, top_k 20, top_p 0.8, repetition_penalty 1.1")
        #expect(try text(["generation_config.json": ["do_sample": false]]).generation.sampling == "temperature 0")
        for (key, value) in [("top_p", 1.5), ("temperature", -1), ("top_k", -1), ("min_p", "x")]
            as [(String, JSONValue)]
        {
            #expect(throws: CheckpointError.self, "\(key)") { try text(["generation_config.json": [key: value]]) }
        }
    }
}
