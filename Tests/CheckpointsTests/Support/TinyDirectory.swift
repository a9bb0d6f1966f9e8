import Checkpoints
import OrderedJSON
import Tensors

/// A small Hugging Face directory: a Llama of two layers, or what a test makes of it.
struct TinyDirectory {
    let directory: TemporaryDirectory
    /// `config.json`.
    var config: JSONObject = [
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 6, "hidden_size": 8,
        "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "tie_word_embeddings": false, "eos_token_id": 2,
    ]
    var weights = SafetensorsBuilder()

    /// A Llama.
    init() throws {
        directory = try TemporaryDirectory()
        weights.add("model.embed_tokens.weight", [6, 8])
        weights.add("model.norm.weight", [8])
        weights.add("lm_head.weight", [6, 8], first: 1000)
        for layer in 0..<2 {
            let prefix = "model.layers.\(layer)."
            for (name, shape) in [
                ("input_layernorm", [8]), ("self_attn.q_proj", [8, 8]), ("self_attn.k_proj", [4, 8]),
                ("self_attn.v_proj", [4, 8]), ("self_attn.o_proj", [8, 8]), ("post_attention_layernorm", [8]),
                ("mlp.gate_proj", [12, 8]), ("mlp.up_proj", [12, 8]), ("mlp.down_proj", [8, 12]),
            ] { weights.add(prefix + name + ".weight", shape, first: 100 * layer) }
        }
    }

    /// A model of another class, without tensors yet.
    init(_ className: String, _ members: JSONObject) throws {
        directory = try TemporaryDirectory()
        config["architectures"] = [.string(className)]
        for (key, value) in members { config[key] = value }
    }

    /// Writes the files and opens the checkpoint.
    func open() throws -> Checkpoint {
        try write()
        return try Checkpoint.open(path: directory.path)
    }

    /// Writes `config.json` and `model.safetensors`.
    func write() throws {
        try directory.write(JSONValue.object(config).serialized, to: "config.json")
        try directory.write(weights.bytes, to: "model.safetensors")
    }
}

extension StoredMatrix {
    /// All numbers, row by row.
    var numbers: [[Float]] {
        get throws {
            let memory = try copiedToMemory()
            return (0..<rows).map { row in
                var numbers = [Float](repeating: .nan, count: columns)
                numbers.withUnsafeMutableBufferPointer { buffer in
                    if let start = buffer.baseAddress { memory.dequantizeRow(row, into: start) }
                }
                return numbers
            }
        }
    }
}
