import Foundation
import OrderedJSON

/// A format that checkpoints have, with small sound checkpoints whose file of that format gets damaged.
enum DamagedFormat: String, CaseIterable, Sendable {
    case gguf = "model.gguf"
    case configuration = "config.json"
    case safetensors = "model.safetensors"
    case index = "model.safetensors.index.json"
    case generation = "generation_config.json"
    case tokenizerConfiguration = "tokenizer_config.json"
    case chatTemplate = "chat_template.json"
    case pooling = "1_Pooling/config.json"
    case awq, gptq, fp8, compressedIntegers, compressedWords, compressedFloats, mxfp4

    /// The files that get damaged, which are there in each of the checkpoints.
    var files: [String] {
        switch self {
        case .awq, .gptq, .fp8, .compressedIntegers, .compressedWords, .compressedFloats, .mxfp4:
            [Self.configuration.rawValue, Self.safetensors.rawValue]
        default: [rawValue]
        }
    }

    /// What of a checkpoint is read.
    enum Side { case text, weights }

    /// Whether damage can change what reading a side does.
    func isRead(with side: Side) -> Bool {
        switch self {
        case .gguf, .configuration: true
        case .generation, .tokenizerConfiguration, .chatTemplate: side == .text
        default: side == .weights
        }
    }

    /// Sound checkpoints, written.
    func directories() throws -> [TemporaryDirectory] {
        if self == .gguf {
            return try ["llama", "qwen2", "qwen3", "gemma3"].map { architecture in
                let directory = try TemporaryDirectory()
                try directory.write(GGUFBuilder.tiny(architecture).bytes)
                return directory
            }
        }
        let models = try models()
        for model in models {
            try model.write()
            try writeFurtherFiles(model)
        }
        return models.map(\.directory)
    }

    private func writeFurtherFiles(_ model: TinyDirectory) throws {
        let path = model.directory.path
        func write(_ value: JSONValue) throws { try model.directory.write(value.serialized, to: rawValue) }
        switch self {
        case .index:
            try FileManager.default.moveItem(atPath: "\(path)/model.safetensors", toPath: "\(path)/m-1.safetensors")
            let map = JSONObject(model.weights.tensors.map { ($0.name, JSONValue.string("m-1.safetensors")) })
            try write(["metadata": ["total_size": 1000], "weight_map": .object(map)])
        case .generation:
            try write([
                "eos_token_id": [2, 5], "do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0.1,
                "repetition_penalty": 1.1,
            ])
        case .tokenizerConfiguration, .chatTemplate:
            try write([
                "chat_template": [
                    ["name": "default", "template": "{{ 1 }}"], ["name": "tool_use", "template": "{{ tools }}"],
                ]
            ])
        case .pooling:
            try FileManager.default.createDirectory(atPath: "\(path)/1_Pooling", withIntermediateDirectories: true)
            try write([
                "word_embedding_dimension": 8, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true,
            ])
        default: break
        }
    }

    private func models() throws -> [TinyDirectory] {
        switch self {
        case .configuration, .safetensors: try TinyDirectory.everyWayOfJoining()
        case .awq, .gptq, .fp8, .compressedIntegers, .compressedWords, .compressedFloats, .mxfp4: [try quantized()]
        case .pooling: [try TinyDirectory("BertModel", ["type_vocab_size": 2, "layer_norm_eps": 1e-12])]
        default: [try TinyDirectory()]
        }
    }

    /// A checkpoint with one matrix of this quantization.
    private func quantized() throws -> TinyDirectory {
        func model(_ config: JSONValue, _ parts: [SafetensorsBuilder.Tensor]) throws -> TinyDirectory {
            var tiny = try TinyDirectory("LlamaForCausalLM", ["quantization_config": config, "hidden_size": 32])
            tiny.weights.tensors = parts
            return tiny
        }
        func compressed(_ format: String, _ type: String, bits: Int) -> JSONValue {
            let weights: JSONValue = ["num_bits": .integer(bits), "type": .string(type), "strategy": "group"]
            return [
                "quant_method": "compressed-tensors", "format": .string(format), "ignore": ["lm_head", "re:.*gate$"],
                "config_groups": ["group_0": ["weights": weights, "targets": ["Linear"]]],
            ]
        }
        let zeros = SafetensorsBuilder.Tensor.filled("qzeros", "I32", [1, 1], [0x22, 0x22, 0x22, 0x22])
        let halves = SafetensorsBuilder.Tensor.filled("scales", "F16", [1, 8], [0x00, 0x38])
        let twos = SafetensorsBuilder.Tensor.filled("weight_scale", "BF16", [8, 1], [0x00, 0x40])
        switch self {
        case .awq:
            return try model(
                ["quant_method": "awq", "bits": 4, "group_size": 32, "version": "gemm", "zero_point": true],
                [.filled("qweight", "I32", [32, 1], [0x55, 0x55, 0x55, 0x55]), zeros, halves],
            )
        case .gptq:
            return try model(
                ["quant_method": "gptq", "bits": 4, "group_size": -1, "checkpoint_format": "gptq", "desc_act": true],
                [
                    .filled("qweight", "I32", [4, 8], [0x55, 0x55, 0x55, 0x55]), zeros, halves,
                    .filled("g_idx", "I32", [32], [0, 0, 0, 0]),
                ],
            )
        case .fp8:
            return try model(
                ["quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]],
                [
                    .filled("weight", "F8_E4M3", [8, 32], [0x38]),
                    .filled("weight_scale_inv", "F32", [1, 1], [0, 0, 0, 0x3F]),
                ],
            )
        case .compressedIntegers:
            return try model(
                compressed("int-quantized", "int", bits: 8),
                [.filled("weight", "I8", [8, 32], [0xFD]), twos],
            )
        case .compressedWords:
            return try model(
                compressed("pack-quantized", "int", bits: 4),
                [
                    .filled("weight_packed", "I32", [8, 4], [0x99, 0x99, 0x99, 0x99]), twos,
                    .filled("weight_shape", "I64", [2], [8, 0, 0, 0, 0, 0, 0, 0]),
                ],
            )
        case .compressedFloats:
            return try model(
                compressed("float-quantized", "float", bits: 8),
                [
                    .filled("weight", "F8_E4M3", [8, 32], [0x38]),
                    .filled("weight_scale", "F32", [1], [0, 0, 0, 0x40]),
                ],
            )
        default:
            var tiny = try TinyDirectory(
                "GptOssForCausalLM",
                [
                    "num_local_experts": 2, "num_experts_per_tok": 1, "hidden_size": 32, "intermediate_size": 2,
                    "quantization_config": ["quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]],
                ]
            )
            let name = "model.layers.0.mlp.experts.gate_up_proj"
            tiny.weights.tensors = [
                .init(
                    name: name + "_blocks",
                    type: "U8",
                    shape: [2, 4, 1, 16],
                    data: Array(repeating: 17, count: 128)
                ),
                .init(name: name + "_scales", type: "U8", shape: [2, 4, 1], data: Array(repeating: 127, count: 8)),
            ]
            return tiny
        }
    }
}

extension SafetensorsBuilder.Tensor {
    /// A part of the first layer's query matrix, of one element over and over.
    fileprivate static func filled(_ part: String, _ type: String, _ shape: [Int], _ element: [UInt8]) -> Self {
        let data = (0..<shape.reduce(1, *)).flatMap { _ in element }
        return Self(name: "model.layers.0.self_attn.q_proj.\(part)", type: type, shape: shape, data: data)
    }
}

extension TinyDirectory {
    /// Small models with every way of putting tensors together.
    fileprivate static func everyWayOfJoining() throws -> [TinyDirectory] {
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
}
