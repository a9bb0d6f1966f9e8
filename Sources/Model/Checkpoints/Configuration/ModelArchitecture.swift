/// The families of models whose checkpoints can be read; raw values as in `general.architecture` of GGUF files.
public enum ModelArchitecture: String, Sendable, Hashable, CaseIterable {
    case llama
    case qwen2
    case qwen3
    case gemma2
    case gemma3
    case phi3
    case smolLM3 = "smollm3"
    case granite
    case olmo2
    case starcoder2
    case gpt2
    case gptNeoX = "gptneox"
    case falcon
    case commandR = "command-r"
    case cohere2
    case stableLM = "stablelm"
    case qwen2MoE = "qwen2moe"
    case qwen3MoE = "qwen3moe"
    case olmoe
    case graniteMoE = "granitemoe"
    case deepseek2
    case gptOSS = "gpt-oss"
    case bert
}

extension ModelArchitecture {
    /// Whether norms subtract the mean.
    var hasLayerNorms: Bool {
        switch self {
        case .starcoder2, .gpt2, .gptNeoX, .falcon, .commandR, .cohere2, .stableLM, .bert: true
        default: false
        }
    }
}
