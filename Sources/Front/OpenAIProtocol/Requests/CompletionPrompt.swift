import OrderedJSON

/// One prompt of a completion request, or one text of which there is to be an embedding.
public enum CompletionPrompt: Sendable, Hashable {
    /// Text, to be tokenized.
    case text(String)
    /// Token ids, not yet compared with the vocabulary.
    case tokens([Int])
}

extension CompletionPrompt {
    /// What a field with one or more of them may hold.
    static let kind = FieldKind.either([.string, .list(.string), .list(.token), .list(.list(.token))])

    /// The union of the four forms: a list whose first element is a number is one prompt.
    static func list(
        _ value: JSONValue,
        field: String,
        limit: Int,
    ) throws(ValidationError) -> [CompletionPrompt] {
        if case .string(let text) = value { return [.text(text)] }
        guard let elements = value.arrayValue else {
            let expected = "a string, a list of strings, a list of token ids, or a list of lists of token ids"
            throw .wrongType(field: field, expected: expected, found: value.kindName)
        }
        switch elements.first {
        case nil: throw .invalid(field: field, message: "\(field) must not be an empty list")
        case .integer, .number: return [.tokens(try FieldReader.tokens(elements, field))]
        default: break
        }
        guard elements.count <= limit else {
            throw .outOfRange(
                field: field,
                value: "a list of \(elements.count)",
                allowed: "at most \(limit) prompts"
            )
        }
        var prompts: [CompletionPrompt] = []
        for (index, element) in elements.enumerated() {
            switch element {
            case .string(let text): prompts.append(.text(text))
            case .array(let tokens): prompts.append(.tokens(try FieldReader.tokens(tokens, "\(field)[\(index)]")))
            default:
                let expected = "a string or a list of token ids"
                throw .wrongType(field: "\(field)[\(index)]", expected: expected, found: element.kindName)
            }
        }
        return prompts
    }
}
