import Checkpoints
import Foundation
import OrderedJSON
import Testing

/// Directories with damage are refused, or give a checkpoint whose every tensor can be read: nothing else happens.
///
/// `TRTLLM_SERVE_DAMAGED_DIRECTORIES` says how many are tried, and `TRTLLM_SERVE_SEED` which.
@Suite struct HostileDirectoryTests {
    private static func number(_ name: String, fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? fallback
    }

    /// Small models with every way of putting tensors together.
    private static func models() throws -> [TinyDirectory] {
        let experts: JSONObject = ["num_local_experts": 2, "num_experts_per_tok": 1]
        var phi = try TinyDirectory("Phi3ForCausalLM", ["rope_scaling": ["type": "linear", "factor": 2]])
        phi.weights.add("model.layers.0.self_attn.qkv_proj.weight", [16, 8])
        phi.weights.add("model.layers.0.mlp.gate_up_proj.weight", [24, 8])
        var neoX = try TinyDirectory("GPTNeoXForCausalLM", ["layer_norm_eps": 1e-5, "rotary_pct": 1])
        neoX.weights.add("gpt_neox.layers.0.attention.query_key_value.weight", [16, 8])
        var gpt2 = try TinyDirectory("GPT2LMHeadModel", ["n_positions": 512])
        gpt2.config["num_key_value_heads"] = nil
        gpt2.weights.add("transformer.h.0.attn.c_attn.weight", [8, 24])
        var oss = try TinyDirectory("GptOssForCausalLM", experts)
        oss.weights.add("model.layers.0.mlp.experts.gate_up_proj", [2, 8, 24])
        oss.weights.add("model.layers.0.mlp.experts.gate_up_proj_bias", [2, 24])
        var mixtral = try TinyDirectory("MixtralForCausalLM", experts)
        for expert in 0..<2 {
            mixtral.weights.add("model.layers.0.block_sparse_moe.experts.\(expert).w2.weight", [8, 12])
        }
        var deepSeek = try TinyDirectory(
            "DeepseekV3ForCausalLM",
            [
                "kv_lora_rank": 5, "qk_nope_head_dim": 2, "qk_rope_head_dim": 2, "v_head_dim": 3,
                "rope_scaling": ["type": "yarn", "factor": 4, "mscale": 1, "mscale_all_dim": 1],
            ]
        )
        deepSeek.weights.add("model.layers.0.self_attn.kv_b_proj.weight", [20, 5])
        var gemma = try TinyDirectory("Gemma3ForCausalLM", [:])
        gemma.weights.add("model.norm.weight", [8])
        return [try TinyDirectory(), phi, neoX, gpt2, oss, mixtral, deepSeek, gemma]
    }

    /// Opens a checkpoint and reads all its tensors.
    private static func readAll(_ path: String) throws(CheckpointError) {
        var tensors = try Checkpoint.open(path: path).tensors
        for name in tensors.names {
            guard let shape = tensors.shape(of: name) else { continue }
            do {
                if shape.count == 3 {
                    for index in 0..<min(shape[0], 4) {
                        _ = try tensors.matrix(name, index: index, of: shape[0], rows: shape[1], columns: shape[2])
                    }
                } else if shape.count == 2 {
                    _ = try tensors.matrix(name, rows: shape[0], columns: shape[1])
                } else {
                    _ = try tensors.vector(name, count: shape.last ?? 1)
                }
            } catch let error where error.isAboutOneTensor {
                // The others are read all the same.
            }
        }
    }

    @Test func damagedDirectoriesAreRefusedByNameOrGiveTensorsThatCanBeRead() throws {
        let models = try Self.models()
        for model in models { try model.write() }
        for model in models { try Self.readAll(model.directory.path) }
        let count = Self.number("TRTLLM_SERVE_DAMAGED_DIRECTORIES", fallback: 2000)
        let seed = UInt64(truncatingIfNeeded: Self.number("TRTLLM_SERVE_SEED", fallback: 1))
        var refused = 0
        for number in 0..<count {
            let model = models[number % models.count]
            var random = SplitMix(state: seed &* 1_000_003 &+ UInt64(number))
            let name = ["config.json", "model.safetensors"][Int(random.next() % 2)]
            let intact = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(model.directory.path)/\(name)")))
            try model.directory.write(random.damaged(intact), to: name)
            do {
                try Self.readAll(model.directory.path)
            } catch {
                #expect(error.description.hasPrefix(model.directory.path), "\(number): \(error)")
                #expect(error.description.utf8.count < 2000, "\(number)")
                refused += 1
            }
            try model.directory.write(intact, to: name)
        }
        #expect(refused > count / 4 && refused < count)
    }

    @Test func damagedIndexesAreRefusedByNameOrGiveTensorsThatCanBeRead() throws {
        let model = try TinyDirectory()
        try model.write()
        let path = model.directory.path
        try FileManager.default.moveItem(atPath: "\(path)/model.safetensors", toPath: "\(path)/m-1.safetensors")
        let map = JSONObject(model.weights.tensors.map { ($0.name, JSONValue.string("m-1.safetensors")) })
        let index: JSONValue = ["weight_map": .object(map)]
        for number in 0..<500 {
            var random = SplitMix(state: UInt64(number))
            try model.directory.write(random.damaged(index.serialized), to: "model.safetensors.index.json")
            do { try Self.readAll(path) } catch { #expect(error.description.hasPrefix(path), "\(error)") }
        }
    }
}

extension CheckpointError {
    /// Whether the rest of a checkpoint can be used.
    fileprivate var isAboutOneTensor: Bool {
        switch self {
        case .unsupportedTensorType, .malformed: true
        default: false
        }
    }
}
