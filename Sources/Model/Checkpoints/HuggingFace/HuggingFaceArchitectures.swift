internal import OrderedJSON

/// The architectures by the names that `config.json` has for them.
enum HuggingFaceArchitectures {
    /// Names in "architectures", without "ForCausalLM", "LMHeadModel", "ForConditionalGeneration" or "Model".
    private static let families: [String: ModelArchitecture] = [
        "Llama": .llama, "Mistral": .llama, "Mixtral": .llama, "Mistral3": .llama, "Qwen2": .qwen2, "Qwen3": .qwen3,
        "Gemma2": .gemma2, "Gemma3": .gemma3, "Gemma3Text": .gemma3, "Phi3": .phi3, "SmolLM3": .smolLM3,
        "Granite": .granite, "Olmo2": .olmo2, "Starcoder2": .starcoder2, "GPT2": .gpt2, "GPTNeoX": .gptNeoX,
        "Falcon": .falcon, "Cohere": .commandR, "Cohere2": .cohere2, "StableLm": .stableLM, "Qwen2Moe": .qwen2MoE,
        "Qwen3Moe": .qwen3MoE, "Olmoe": .olmoe, "GraniteMoe": .graniteMoE, "DeepseekV2": .deepseek2,
        "DeepseekV3": .deepseek2, "GptOss": .gptOSS, "Bert": .bert, "Roberta": .bert, "XLMRoberta": .bert,
    ]
    /// What a class is for; those with "Model" give hidden states.
    private static let purposes = ["ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "ForMaskedLM", "Model"]

    /// All names that can be read.
    static let known = families.keys.sorted().map { name in
        switch families[name] {
        case .bert: "\(name)Model"
        case .gpt2: "\(name)LMHeadModel"
        default: "\(name)ForCausalLM"
        }
    }

    /// The architecture of a class, and whether the class has no output matrix; `nil` if it isn't known.
    static func architecture(_ name: String) -> (architecture: ModelArchitecture, isHeadless: Bool)? {
        for purpose in purposes where name.hasSuffix(purpose) {
            guard let family = families[String(name.dropLast(purpose.count))] else { continue }
            return (family, purpose == "Model")
        }
        return nil
    }

    /// What holds where `config.json` is silent, as it may be about values that are the class's defaults.
    static func defaults(_ architecture: ModelArchitecture) -> JSONObject {
        switch architecture {
        case .gemma2:
            [
                "head_dim": 256, "query_pre_attn_scalar": 256, "sliding_window": 4096,
                "hidden_act": "gelu_pytorch_tanh",
            ]
        case .gemma3:
            [
                "vocab_size": 262_208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
                "max_position_embeddings": 131_072, "rms_norm_eps": 1e-6, "rope_theta": 1e6,
                "rope_local_base_freq": 1e4, "query_pre_attn_scalar": 256, "sliding_window": 4096,
                "sliding_window_pattern": 6, "hidden_act": "gelu_pytorch_tanh",
            ]
        case .smolLM3: ["rope_theta": 2e6]
        case .gptOSS: ["rope_theta": 150_000, "swiglu_limit": 7.0, "head_dim": 64]
        case .gpt2: ["hidden_act": "gelu_new"]
        case .gptNeoX: ["rotary_pct": 0.25, "hidden_act": "gelu"]
        case .falcon: ["max_position_embeddings": 2048, "hidden_act": "gelu"]
        case .stableLM: ["partial_rotary_factor": 0.25]
        case .starcoder2: ["hidden_act": "gelu_pytorch_tanh"]
        case .bert: ["hidden_act": "gelu", "type_vocab_size": 2]
        case .cohere2: ["sliding_window": 4096, "sliding_window_pattern": 4]
        default: [:]
        }
    }
}
