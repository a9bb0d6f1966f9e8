package import OrderedJSON

/// `POST /v1/embeddings`, checked and with its defaults.
public struct EmbeddingRequest: DescribedRequest, Hashable {
    /// The model asked for; echoed, never compared.
    public var model: String
    /// The texts; at least one.
    public var inputs: [CompletionPrompt]
    /// Whether vectors are written as base64 of their little-endian bytes instead of as lists of numbers.
    public var isBase64: Bool
    /// How many of a vector's first numbers are wanted; `nil`: all.
    public var dimensions: Int?
    /// What is done with the texts.
    public var text: EmbeddedTextFields

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        model = try FieldReader.model(&reader, limits: limits)
        inputs = try CompletionPrompt.list(
            try reader.required("input", CompletionPrompt.kind),
            field: "input",
            limit: limits.prompts,
        )
        isBase64 = try reader.choice("encoding_format", of: ["float", "base64"], default: "float") == "base64"
        dimensions = try reader.integer("dimensions", in: 1...Int.max)
        text = try EmbeddedTextFields(&reader)
    }

    /// One text, and two as token ids.
    package static let examples: [JSONObject] = [
        ["model": "m", "input": "A warm day"],
        ["model": "m", "input": [[1, 2], [3]], "encoding_format": "base64"],
    ]
}

/// What the requests for embeddings have in common.
public struct EmbeddedTextFields: Sendable, Hashable {
    /// `add_special_tokens`: whether BOS and the like are added to texts.
    public var addSpecialTokens: Bool
    /// `truncate_prompt_tokens`, at least 1: only so many tokens at a text's end count.
    public var truncatePromptTokens: Int?

    init(_ reader: inout FieldReader) throws(ValidationError) {
        addSpecialTokens = try reader.bool("add_special_tokens", default: true)
        truncatePromptTokens = try reader.integer("truncate_prompt_tokens", in: 1...Int.max)
        // Accepted without effect.
        _ = reader.value("user")
        _ = reader.value("priority")
    }
}
