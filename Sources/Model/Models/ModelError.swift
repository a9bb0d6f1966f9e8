public import Checkpoints

/// Why a checkpoint can't become a model, or a model can't get its memory.
public enum ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A tensor is missing, unknown, or has another shape than the configuration says.
    case checkpoint(CheckpointError)
    /// A value of the configuration can't be used.
    case badConfiguration(field: String, value: String, reason: String)
    /// Weights can't be quantized as they should be.
    case nothingToQuantize(algorithm: String, reason: String)
    /// A tensor's numbers can't be used.
    case unusableTensor(name: String, reason: String)
    /// The model can't be dealt to ranks in this way.
    case badLayout(String)
    /// Another rank couldn't do what this one could.
    case onRank(Int, String)
    /// Ranks are lost, so that nothing can be done together any more.
    case lost(String)
    /// Memory couldn't be had.
    case outOfMemory(purpose: String, bytes: Int)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .checkpoint(let error): error.description
        case .badConfiguration(let field, let value, let reason):
            "the model's \(field) is \(value): \(reason)"
        case .nothingToQuantize(let algorithm, let reason):
            """
            the model's weights can't be quantized to \(algorithm): \(reason), \
            but only F32, F16, BF16 and F8_E4M3 can be quantized when a model is loaded
            """
        case .unusableTensor(let name, let reason):
            "tensor '\(name)' can't be used: \(reason)"
        case .badLayout(let reason): reason
        case .onRank(let rank, let reason): "rank \(rank): \(reason)"
        case .lost(let reason): reason
        case .outOfMemory(let purpose, let bytes):
            "\(bytes) bytes of memory for \(purpose) can't be had"
        }
    }
}
