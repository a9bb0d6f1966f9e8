public import OrderedJSON

/// `POST /tokenize`, checked and with its defaults.
public struct TokenizeRequest: Sendable, Hashable {
    /// What to tokenize.
    public enum Input: Sendable, Hashable {
        /// Text, given as `prompt` or as `content`.
        case text(String, addSpecialTokens: Bool, parseSpecialTokens: Bool)
        /// A chat, rendered first.
        case chat([ChatMessage], TemplateFields)
    }

    /// What to tokenize.
    public var input: Input

    /// The request in a body.
    ///
    /// - Throws: `ValidationError` naming the first field that is wrong or unknown.
    public init(_ body: JSONObject, limits: RequestLimits = RequestLimits()) throws(ValidationError) {
        var reader = FieldReader(body)
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
            let messages = try ChatCompletionRequest.messages(try reader.required(form))
            input = .chat(messages, try TemplateFields(&reader, limits: limits))
            try InertFields.check(&reader, isChat: true)
        } else {
            input = .text(
                try reader.requiredString(form),
                addSpecialTokens: try reader.bool("add_special_tokens") ?? true,
                parseSpecialTokens: try reader.bool("parse_special_tokens") ?? true,
            )
        }
        try reader.rejectUnread { UnknownFieldHint.chat[$0] }
    }
}

/// `POST /detokenize`, checked and with its defaults.
public struct DetokenizeRequest: Sendable, Hashable {
    /// The ids, not yet compared with the vocabulary.
    public var tokens: [Int]
    /// Whether control tokens contribute no text.
    public var skipSpecialTokens: Bool

    /// The request in a body.
    ///
    /// - Throws: `ValidationError` naming the first field that is wrong or unknown.
    public init(_ body: JSONObject) throws(ValidationError) {
        var reader = FieldReader(body)
        _ = try reader.string("model")
        guard let tokens = try reader.tokens("tokens") else { throw .missing(field: "tokens") }
        self.tokens = tokens
        skipSpecialTokens = try reader.bool("skip_special_tokens") ?? false
        try reader.rejectUnread { _ in nil }
    }
}
