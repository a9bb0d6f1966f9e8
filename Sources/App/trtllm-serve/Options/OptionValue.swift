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

    /// A scalar as YAML's rules read it: quoted text is a string, plain text may be something else.
    init(_ scalar: Node.Scalar, _ node: Node) {
        guard scalar.style == .plain else {
            self = .string(scalar.string)
            return
        }
        // The library's numbers to the base of 60 overflow; nobody writes a setting as one.
        let mayBeNumber = !scalar.string.contains(":")
        self =
            if node.null != nil {
                .null
            } else if mayBeNumber, let integer = node.int {
                .integer(integer)
            } else if let flag = node.bool {
                .bool(flag)
            } else if mayBeNumber, let number = node.float {
                .number(number)
            } else {
                .string(scalar.string)
            }
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
