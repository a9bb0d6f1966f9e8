/// Why an adapter can't be used.
public enum AdapterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No adapter has this name.
    case unknown(name: String)
    /// Another adapter has this name.
    case nameTaken(name: String, path: String)
    /// The name is that of the model, or no name at all.
    case badName(name: String, reason: String)
    /// Its path holds no adapter.
    case missing(name: String, path: String)
    /// Its files can't be loaded.
    case unusable(name: String, reason: String)
    /// All adapters in memory were in use for too long.
    case busy(name: String, seconds: Int)
    /// What computes the model can't go on.
    case failed(String)
    /// There are as many as may have names.
    case tooMany(limit: Int)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .unknown(let name): "The lora adapter '\(name)' cannot be found."
        case .nameTaken(let name, let path):
            "The lora adapter '\(name)' has already been loaded, from \(path); unload it first, or set load_inplace to true."
        case .badName(let name, let reason): "'\(name)' can't be the name of a lora adapter: \(reason)"
        case .missing(let name, let path):
            "The lora adapter '\(name)' cannot be loaded: there is no adapter_config.json in \(path)"
        case .unusable(let name, let reason): "The lora adapter '\(name)' cannot be loaded: \(reason)"
        case .busy(let name, let seconds):
            "The lora adapter '\(name)' cannot be loaded: all that are in memory were in use for \(seconds) seconds "
                + "(max_cpu_loras)"
        case .failed(let reason): reason
        case .tooMany(let limit):
            "There are \(limit) lora adapters already, the most that may be known at once; unload some."
        }
    }
}
