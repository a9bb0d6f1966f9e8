public import OrderedJSON

/// One message of a chat: a role, its text, and whatever else the client sent for the template to use.
public struct ChatMessage: Sendable, Hashable {
    /// Who speaks; any name.
    public var role: String
    /// The text; parts are joined by newlines, `null` is empty.
    public var text: String
    /// The message for the template: `role`, `content` as text, then every other key as it came.
    public var members: JSONObject

    init(_ value: JSONValue, field: String) throws(ValidationError) {
        guard let object = value.objectValue else {
            throw .wrongType(field: field, expected: "an object", found: value.kindName)
        }
        guard let roleValue = object["role"] else { throw .missing(field: "\(field).role") }
        role = try FieldReader.string(roleValue, "\(field).role")
        guard !role.isEmpty else {
            throw .invalid(field: "\(field).role", message: "\(field).role must not be an empty string")
        }
        try FieldReader.checkCount(role.utf8.count, "\(field).role", "a name of", atMost: Self.longestRole, "bytes")
        text = try Self.text(object["content"] ?? .null, field: "\(field).content")
        members = ["role": .string(role), "content": .string(text)]
        for (key, value) in object where !Self.handled.contains(key) { members[key] = value }
    }

    /// What a field with messages may hold: further members of a message reach the template.
    static let list = FieldKind.list(.map(.any))

    /// A role comes back at the head of every choice.
    private static let longestRole = 64

    /// `cache_control` is advice for another server's cache.
    private static let handled: Set<String> = ["role", "content", "cache_control"]

    private static func text(_ content: JSONValue, field: String) throws(ValidationError) -> String {
        switch content {
        case .null: return ""
        case .string(let text): return text
        case .array(let parts):
            var texts: [String] = []
            for (index, part) in parts.enumerated() {
                if let text = try self.text(ofPart: part, field: "\(field)[\(index)]") { texts.append(text) }
            }
            return texts.joined(separator: "\n")
        default:
            throw .wrongType(field: field, expected: "a string, a list of parts or null", found: content.kindName)
        }
    }

    /// The text of a part, `nil` when a text part has none.
    private static func text(ofPart part: JSONValue, field: String) throws(ValidationError) -> String? {
        if case .string(let text) = part { return text }
        guard let object = part.objectValue else {
            throw .wrongType(field: field, expected: "a string or an object", found: part.kindName)
        }
        guard let typeValue = object["type"] else { throw .missing(field: "\(field).type") }
        let type = try FieldReader.string(typeValue, "\(field).type")
        switch type {
        case "text", "refusal":
            guard let text = object[type], !text.isNull else { return nil }
            return try FieldReader.string(text, "\(field).\(type)")
        case let type where TextOnly.otherParts.contains(type):
            throw .invalid(
                field: field,
                message: "\(field): this model takes text only, not parts of type '\(type.excerpt)'"
            )
        default: throw .invalid(field: field, message: "Unknown part type: \(type.excerpt) (\(field))")
        }
    }
}
