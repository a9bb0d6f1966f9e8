import Tensors

extension GGUFBuilder {
    /// A model of two layers with every kind of key that the configuration needs.
    static func tiny(_ architecture: String = "llama") -> GGUFBuilder {
        var file = GGUFBuilder()
        file["general.architecture"] = .string(architecture)
        file["general.name"] = .string("tiny")
        file["\(architecture).context_length"] = .uint32(512)
        file["\(architecture).embedding_length"] = .uint32(32)
        file["\(architecture).block_count"] = .uint32(2)
        file["\(architecture).feed_forward_length"] = .uint32(64)
        file["\(architecture).attention.head_count"] = .uint32(4)
        file["\(architecture).attention.head_count_kv"] = .uint32(2)
        file["\(architecture).attention.layer_norm_rms_epsilon"] = .float32(1e-5)
        file["tokenizer.ggml.model"] = .string("gpt2")
        file["tokenizer.ggml.tokens"] = .array(8, ["a", "", "ü", "<s>"].map { .string($0) })
        file.add("token_embd.weight", [4, 32], type: .q8_0, data: (0..<136).map { UInt8($0) })
        file.add("output_norm.weight", [32])
        return file
    }
}
