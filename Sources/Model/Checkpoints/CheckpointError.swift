/// Why a checkpoint can't be used; every case names the file.
public enum CheckpointError: Error, Sendable, Hashable {
    /// The file can't be opened, mapped or listed.
    case unreadable(file: String, reason: String)
    /// A file or directory can't be made or written.
    case unwritable(file: String, reason: String)
    /// The path holds something else than a checkpoint that can be loaded.
    case unsupported(file: String, reason: String)
    /// The file ends before the field does; sizes in bytes.
    case truncated(file: String, field: String, needs: Int, has: Int)
    /// A field's value contradicts the format.
    case malformed(file: String, field: String, value: String, reason: String)
    /// A count or size is over its limit.
    case tooLarge(file: String, field: String, value: UInt64, limit: UInt64)
    /// A key that is needed isn't there.
    case missingKey(file: String, key: String)
    /// A value has another type than its key asks for.
    case wrongType(file: String, key: String, expected: String, found: String)
    /// A value is outside its limits.
    case outOfRange(file: String, key: String, value: String, limit: String)
    /// The architecture isn't one of ours.
    case unsupportedArchitecture(file: String, name: String, supported: [String])
    /// A tensor is stored in a way that can't be read.
    case unsupportedTensorType(file: String, tensor: String, type: String, supported: [String])
    /// A tensor that the model needs isn't there.
    case missingTensor(file: String, tensor: String)
    /// Tensors that the model doesn't know: using the rest could give wrong results.
    case unusedTensors(file: String, tensors: [String])
    /// A tensor has another shape than the configuration says; outermost dimension first.
    case wrongShape(file: String, tensor: String, expected: [Int], found: [Int])
}

extension CheckpointError: CustomStringConvertible {
    /// The message for people: file, field, value and limit.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): can't be read: \(reason)"
        case .unwritable(let file, let reason):
            "\(file): can't be written: \(reason)"
        case .unsupported(let file, let reason):
            "\(file): \(reason)"
        case .truncated(let file, let field, let needs, let has):
            "\(file): truncated or corrupt: \(field) needs \(needs) bytes, the file has \(has) left"
        case .malformed(let file, let field, let value, let reason):
            "\(file): \(field) is \(value): \(reason)"
        case .tooLarge(let file, let field, let value, let limit):
            "\(file): \(field) is \(value), the limit is \(limit)"
        case .missingKey(let file, let key):
            "\(file): key '\(key)' is missing"
        case .wrongType(let file, let key, let expected, let found):
            "\(file): key '\(key)' holds \(found), expected \(expected)"
        case .outOfRange(let file, let key, let value, let limit):
            "\(file): key '\(key)' is \(value), must be \(limit)"
        case .unsupportedArchitecture(let file, let name, let supported):
            "\(file): " + NameSuggestion.message("architecture", name, known: supported)
        case .unsupportedTensorType(let file, let tensor, let type, let supported):
            "\(file): tensor '\(tensor)' is stored as \(type), which is not supported; supported are "
                + supported.joined(separator: ", ")
        case .missingTensor(let file, let tensor):
            "\(file): tensor '\(tensor)' is missing"
        case .unusedTensors(let file, let tensors):
            "\(file): \(tensors.count) tensor(s) that the architecture doesn't use: " + Self.list(tensors)
        case .wrongShape(let file, let tensor, let expected, let found):
            "\(file): tensor '\(tensor)' has shape \(found), expected \(expected)"
        }
    }

    /// The first few names, so that a hostile file can't make a message of megabytes.
    private static func list(_ names: [String]) -> String {
        names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", ..." : "")
    }
}
