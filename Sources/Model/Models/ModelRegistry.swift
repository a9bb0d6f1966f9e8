internal import Checkpoints

/// Knows which family an architecture belongs to.
public enum ModelRegistry {
    /// The architecture names that can be loaded.
    public static var architectures: [String] { ModelArchitecture.allCases.map(\.rawValue) }

    /// The family of an architecture.
    static func family(of architecture: ModelArchitecture) -> any DecoderFamily.Type {
        switch architecture {
        case .llama: Llama.self
        case .qwen2: Qwen2.self
        case .qwen3: Qwen3.self
        case .gemma3: Gemma3.self
        }
    }
}
