/// What is wrong with a request's body, with the field's name, what it holds, and what it may hold.
public enum ValidationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The body isn't JSON.
    case malformedJSON(String)
    /// The body is JSON, but not an object.
    case notAnObject(found: String)
    /// A required field isn't there.
    case missing(field: String)
    /// A field holds another kind of value.
    case wrongType(field: String, expected: String, found: String)
    /// A field's value is beyond what it may be.
    case outOfRange(field: String, value: String, allowed: String)
    /// A field that no such request has.
    case unknown(field: String, hint: String?)
    /// A field of the API that this server doesn't do yet.
    case unsupported(field: String)
    /// A sentence about a field whose value is wrong in a way of its own, or doesn't go with another's.
    case invalid(field: String, message: String)

    /// The field at fault, `param` on the wire; cut when a client made up a long one.
    public var field: String? {
        switch self {
        case .malformedJSON, .notAnObject: nil
        case .missing(let field), .wrongType(let field, _, _), .outOfRange(let field, _, _), .unknown(let field, _),
            .unsupported(let field), .invalid(let field, _):
            field.excerpt
        }
    }

    /// The message for people; of names and values that came with the request it repeats no more than an excerpt.
    public var description: String {
        switch self {
        case .malformedJSON(let reason): "the request body isn't valid JSON: \(reason)"
        case .notAnObject(let found): "the request body must be a JSON object, but is of type \(found)"
        case .missing(let field): "field '\(field)' is required"
        case .wrongType(let field, let expected, let found):
            "\(field.excerpt) must be \(expected), but is \(found.excerpt)"
        case .outOfRange(let field, let value, let allowed):
            "\(field.excerpt) is \(value.excerpt), but must be \(allowed)"
        case .unknown(let field, let hint): "unknown field '\(field.excerpt)'" + (hint.map { "; \($0)" } ?? "")
        case .unsupported(let field): "\(field) is not supported yet"
        case .invalid(_, let message): message
        }
    }
}
