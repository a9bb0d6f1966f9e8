internal import Yams

/// A value of the options file, with YAML's types.
enum OptionValue: Sendable, Hashable, CustomStringConvertible {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([OptionValue])
    /// Keys in order.
    case mapping([OptionMember])

    /// A value as YAML's core rules read it: quoted text is a string, plain text may be something else.
    init(_ node: Node) {
        switch node {
        case .scalar(let scalar): self = Self.scalar(node, scalar)
        case .sequence(let sequence): self = .list(sequence.map { OptionValue($0) })
        case .mapping(let mapping):
            self = .mapping(mapping.map { OptionMember(key: $0.key.string ?? "", value: OptionValue($0.value)) })
        case .alias: self = .null
        }
    }

    private static func scalar(_ node: Node, _ scalar: Node.Scalar) -> OptionValue {
        guard scalar.style == .plain else { return .string(scalar.string) }
        if node.null != nil { return .null }
        if let integer = node.int { return .integer(integer) }
        if let flag = node.bool { return .bool(flag) }
        if let number = node.float { return .number(number) }
        return .string(scalar.string)
    }

    /// The value as a person would write it.
    var description: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): "'\(text)'"
        case .list(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
        case .mapping(let members):
            "{\(members.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        }
    }
}

/// One key of a mapping with its value.
struct OptionMember: Sendable, Hashable {
    var key: String
    var value: OptionValue
}
