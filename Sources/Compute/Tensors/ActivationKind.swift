/// What the activations are that a packed matrix is multiplied with.
public enum ActivationKind: Sendable, Hashable {
    /// 8 bits in groups of 32, for all quantized weights.
    case quantized
    /// Rounded to bfloat16, for weights of that type.
    case rounded
    /// Single precision, as they are.
    case float
}
