/// The families of models that can be loaded; raw values as in `general.architecture`.
public enum ModelArchitecture: String, Sendable, Hashable, CaseIterable {
    case llama
    case qwen2
    case qwen3
    case gemma3
}
