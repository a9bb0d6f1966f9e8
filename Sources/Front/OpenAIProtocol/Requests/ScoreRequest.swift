package import OrderedJSON

/// `POST /v1/score`, checked: pairs of texts whose likeness is asked for.
public struct ScoreRequest: DescribedRequest, Hashable {
    /// The model asked for; echoed, never compared.
    public var model: String
    /// One text for all, or as many as there are second ones.
    public var first: [String]
    /// The texts that they are compared with; at least one.
    public var second: [String]
    /// What is done with the texts.
    public var text: EmbeddedTextFields

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        model = try FieldReader.model(&reader, limits: limits)
        first = try Self.texts("text_1", &reader, limits)
        second = try Self.texts("text_2", &reader, limits)
        guard first.count == 1 || first.count == second.count else {
            let message =
                "text_1 has \(first.count) texts and text_2 has \(second.count): text_1 must have 1 or as many"
            throw .invalid(field: "text_1", message: message)
        }
        text = try EmbeddedTextFields(&reader)
    }

    private static func texts(
        _ key: String,
        _ reader: inout FieldReader,
        _ limits: RequestLimits,
    ) throws(ValidationError) -> [String] {
        let value = try reader.required(key, .either([.string, .list(.string)]))
        if case .string(let text) = value { return [text] }
        guard let values = value.arrayValue else {
            throw .wrongType(field: key, expected: "a string or a list of strings", found: value.kindName)
        }
        return try FieldReader.texts(values, key, limit: limits.prompts)
    }

    /// One text with two others.
    package static let examples: [JSONObject] = [
        ["model": "m", "text_1": "A warm day", "text_2": ["The sun shines", "It snows"]]
    ]
}

/// `POST /v1/rerank`, checked: documents that are to be put in order for a query.
public struct RerankRequest: DescribedRequest, Hashable {
    /// The model asked for; echoed, never compared.
    public var model: String
    /// What is looked for.
    public var query: String
    /// The documents; at least one.
    public var documents: [String]
    /// How many are wanted, the best first; `nil`: all.
    public var top: Int?
    /// Whether the answer repeats the documents.
    public var returnsDocuments: Bool
    /// What is done with the texts.
    public var text: EmbeddedTextFields

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        model = try FieldReader.model(&reader, limits: limits)
        query = try reader.requiredString("query")
        let kind = FieldKind.list(.either([.string, .map(.any)]))
        let value = try reader.required("documents", kind)
        guard let values = value.arrayValue else {
            throw .wrongType(field: "documents", expected: "a list of documents", found: value.kindName)
        }
        documents = try FieldReader.texts(values.map { $0["text"] ?? $0 }, "documents", limit: limits.prompts)
        top = try reader.integer("top_n", in: 1...Int.max)
        returnsDocuments = try reader.bool("return_documents", default: true)
        text = try EmbeddedTextFields(&reader)
    }

    /// Two documents.
    package static let examples: [JSONObject] = [
        ["model": "m", "query": "A warm day", "documents": ["The sun shines", ["text": "It snows"]], "top_n": 1]
    ]
}

extension FieldReader {
    /// The texts of a list, at least one.
    static func texts(_ values: [JSONValue], _ field: String, limit: Int) throws(ValidationError) -> [String] {
        guard !values.isEmpty else { throw .invalid(field: field, message: "\(field) must not be an empty list") }
        try checkCount(values.count, field, "a list of", atMost: limit, "texts")
        var texts: [String] = []
        for (index, value) in values.enumerated() { texts.append(try string(value, "\(field)[\(index)]")) }
        return texts
    }
}
