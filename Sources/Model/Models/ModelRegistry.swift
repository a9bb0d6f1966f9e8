internal import Checkpoints

/// Knows which family an architecture belongs to.
enum ModelRegistry {
    /// The family of an architecture.
    static func family(of architecture: ModelArchitecture) -> any DecoderFamily.Type {
        switch architecture {
        case .llama: Llama.self
        case .qwen2: Qwen2.self
        case .qwen3: Qwen3.self
        case .gemma2: Gemma2.self
        case .gemma3: Gemma3.self
        case .phi3: Phi3.self
        case .smolLM3: SmolLM3.self
        case .granite: Granite.self
        case .olmo2: OLMo2.self
        case .starcoder2: StarCoder2.self
        case .gpt2: GPT2.self
        case .gptNeoX: GPTNeoX.self
        case .falcon: Falcon.self
        case .commandR: CommandR.self
        case .cohere2: Cohere2.self
        case .stableLM: StableLM.self
        case .qwen2MoE: Qwen2MoE.self
        case .qwen3MoE: Qwen3MoE.self
        case .olmoe: OLMoE.self
        case .graniteMoE: GraniteMoE.self
        case .gptOSS: GPTOSS.self
        case .deepseek2: DeepSeek2.self
        case .bert: BERT.self
        }
    }
}
