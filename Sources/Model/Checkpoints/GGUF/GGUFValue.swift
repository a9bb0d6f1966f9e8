/// One metadata value; numbers are widened without loss.
public enum GGUFValue: Sendable {
    /// Any of the unsigned types.
    case unsigned(UInt64)
    /// Any of the signed types.
    case signed(Int64)
    /// A 32- or 64-bit float.
    case float(Double)
    /// A truth value.
    case bool(Bool)
    /// A string, usually but not surely UTF-8.
    case string(MappedBytes)
    /// Many values of one type.
    case array(GGUFArray)

    /// The kind in words, for messages.
    var kind: String {
        switch self {
        case .unsigned(let value): "the integer \(value)"
        case .signed(let value): "the integer \(value)"
        case .float(let value): "the number \(value)"
        case .bool(let value): "\(value)"
        case .string: "a string"
        case .array(let array): "an array of \(array.count) \(array.elementType)"
        }
    }
}
