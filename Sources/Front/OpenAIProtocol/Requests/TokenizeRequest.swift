package import OrderedJSON

/// `POST /tokenize`, checked and with its defaults.
public struct TokenizeRequest: DescribedRequest, Hashable {
    /// What to tokenize.
    public enum Input: Sendable, Hashable {
        /// Text, given as `prompt` or as `content`.
        case text(String, addSpecialTokens: Bool, parseSpecialTokens: Bool)
        /// A chat, rendered first, with the tools that the model is told of.
        case chat([ChatMessage], TemplateFields, ToolFields)
    }

    /// What to tokenize.
    public var input: Input

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        _ = try reader.string("model")
        var forms: [String] = []
        for key in ["prompt", "content", "messages"] where reader.given(key) != nil { forms.append(key) }
        guard let form = forms.first else {
            throw .invalid(field: "prompt", message: "one of the fields prompt, messages and content is required")
        }
        guard forms.count == 1 else {
            let message = "\(forms.joined(separator: " and ")) can't be given together"
            throw .invalid(field: forms[1], message: message)
        }
        if form == "messages" {
            let messages = try ChatCompletionRequest.messages(try reader.required(form, ChatMessage.list))
            let template = try TemplateFields(&reader, limits: limits)
            input = .chat(messages, template, try ToolFields(&reader, limits: limits))
            // Adapters have the model's tokenizer.
            _ = try AdapterReference.read(&reader, limits: limits)
            try InertFields.check(&reader, isChat: true)
        } else {
            input = .text(
                try reader.requiredString(form),
                addSpecialTokens: try reader.bool("add_special_tokens", default: true),
                parseSpecialTokens: try reader.bool("parse_special_tokens", default: true),
            )
        }
    }

    /// A text, the same under another name, and a chat.
    package static let examples: [JSONObject] = [
        ["prompt": "Hello"], ["content": "Hello"], ["messages": [["role": "user", "content": "Hello"]]],
    ]

    /// Fields of other endpoints and servers.
    package static func hint(_ field: String) -> String? { UnknownFieldHint.chat[field] }
}

/// `POST /detokenize`, checked and with its defaults.
public struct DetokenizeRequest: DescribedRequest, Hashable {
    /// The ids, not yet compared with the vocabulary.
    public var tokens: [Int]
    /// Whether control tokens contribute no text.
    public var skipSpecialTokens: Bool

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        _ = try reader.string("model")
        tokens = try reader.requiredTokens("tokens")
        skipSpecialTokens = try reader.bool("skip_special_tokens", default: false)
    }

    /// Two ids.
    package static let examples: [JSONObject] = [["tokens": [1, 2]]]
}
