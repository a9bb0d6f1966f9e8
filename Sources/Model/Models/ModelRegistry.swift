internal import Checkpoints

/// Knows which family an architecture belongs to.
public enum ModelRegistry {
    /// The architecture names that can be loaded.
    public static var architectures: [String] {
        ModelArchitecture.allCases.filter { known($0) != nil }.map(\.rawValue)
    }

    /// The family of an architecture.
    ///
    /// - Throws: `ModelError.unsupportedArchitecture` for one that can be read but not computed.
    static func family(of architecture: ModelArchitecture) throws(ModelError) -> any DecoderFamily.Type {
        guard let family = known(architecture) else {
            throw .unsupportedArchitecture(architecture.rawValue, supported: architectures)
        }
        return family
    }

    private static func known(_ architecture: ModelArchitecture) -> (any DecoderFamily.Type)? {
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
        case .bert: nil
        }
    }
}
