public import OrderedJSON

/// What an output has to obey, as a request says it.
public enum OutputGrammar: Sendable, Hashable {
    /// JSON that obeys a schema.
    case jsonSchema(JSONValue)
    /// Any JSON object.
    case jsonObject
    /// Text that a regular expression matches as a whole.
    case regex(String)
    /// One of several texts.
    case choice([String])
    /// A grammar in one of the notations that are known by their looks.
    case grammar(String)
    /// Free text with constrained parts, as `response_format` of the type `structural_tag` has it.
    case structuralTag(JSONValue)
}

/// The grammar of a request, and the field that it was in.
public struct GrammarField: Sendable, Hashable {
    /// The field's full name, for messages.
    public var name: String
    /// What it holds.
    public var grammar: OutputGrammar

    /// A grammar of a field.
    public init(name: String, grammar: OutputGrammar) {
        self.name = name
        self.grammar = grammar
    }
}

/// The fields that constrain an output: `response_format` of OpenAI and of the reference, and the names that vLLM has.
enum GrammarFields {
    /// Fields of vLLM's that hold a grammar each, by the name of the same in `structured_outputs`.
    private static let kinds: [(name: String, kind: FieldKind)] = [
        ("json", .any), ("regex", .string), ("choice", .list(.string)), ("grammar", .string),
        ("json_object", .boolean), ("structural_tag", .any),
    ]

    /// The grammar of a request; `nil` for free text.
    ///
    /// - Throws: `ValidationError` naming the field that is wrong, or the second of two.
    static func read(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) -> GrammarField? {
        var found: [GrammarField] = []
        if let grammar = try responseFormat(&reader) {
            found.append(GrammarField(name: "response_format", grammar: grammar))
        }
        for (name, kind) in kinds {
            let field = "guided_\(name)"
            guard let value = reader.given(field, kind), let grammar = try grammar(name, value, field, limits) else {
                continue
            }
            found.append(GrammarField(name: field, grammar: grammar))
        }
        if var inner = try reader.fields("structured_outputs") {
            for (name, kind) in kinds {
                let field = inner.name(name)
                guard let value = inner.given(name, kind), let grammar = try grammar(name, value, field, limits) else {
                    continue
                }
                found.append(GrammarField(name: field, grammar: grammar))
            }
            try inner.rejectUnread { _ in nil }
        }
        if found.count > 1 {
            let message = "\(found[1].name) can't be given together with \(found[0].name): an output obeys one grammar"
            throw .invalid(field: found[1].name, message: message)
        }
        if let field = found.first, let size = size(of: field.grammar) {
            try FieldReader.checkCount(size, field.name, "a grammar of", atMost: limits.grammarBytes, "bytes")
        }
        return found.first
    }

    private static func responseFormat(_ reader: inout FieldReader) throws(ValidationError) -> OutputGrammar? {
        guard let format = try reader.object("response_format"), !format.isEmpty else { return nil }
        var inner = FieldReader(format, path: "response_format.")
        let type = try inner.requiredString("type")
        let grammar: OutputGrammar?
        switch type {
        case "text": grammar = nil
        case "json_object": grammar = inner.given("schema").map { .jsonSchema($0) } ?? .jsonObject
        case "json": grammar = .jsonSchema(try inner.required("schema"))
        case "json_schema": grammar = try jsonSchema(&inner)
        case "regex": grammar = .regex(try inner.requiredString("regex"))
        case "ebnf": grammar = .grammar(try inner.requiredString("ebnf"))
        case "grammar": grammar = .grammar(try inner.requiredString("grammar"))
        case "structural_tag": return .structuralTag(.object(format))
        default:
            let allowed =
                "one of 'text', 'json_object', 'json', 'json_schema', 'regex', 'ebnf', 'grammar', 'structural_tag'"
            throw .outOfRange(field: "response_format.type", value: "'\(type.excerpt)'", allowed: allowed)
        }
        try inner.rejectUnread { _ in nil }
        return grammar
    }

    /// `json_schema` with what OpenAI has in it: a name and a description that change nothing, and the schema.
    private static func jsonSchema(_ reader: inout FieldReader) throws(ValidationError) -> OutputGrammar {
        let field = reader.name("json_schema")
        let value = try reader.required("json_schema")
        guard let members = value.objectValue else {
            throw .wrongType(field: field, expected: "an object", found: value.kindName)
        }
        var inner = FieldReader(members, path: field + ".")
        _ = try inner.string("name")
        _ = try inner.string("description")
        // Every schema is kept to the letter.
        _ = try inner.bool("strict")
        let schema = inner.given("schema") ?? ["type": "object"]
        try inner.rejectUnread { _ in nil }
        return .jsonSchema(schema)
    }

    private static func grammar(
        _ name: String,
        _ value: JSONValue,
        _ field: String,
        _ limits: RequestLimits,
    ) throws(ValidationError) -> OutputGrammar? {
        if case .string(let text) = value {
            try FieldReader.checkCount(text.utf8.count, field, "a grammar of", atMost: limits.grammarBytes, "bytes")
        }
        switch name {
        case "json": return .jsonSchema(try parsed(value, field))
        case "json_object": return try FieldReader.bool(value, field) ? .jsonObject : nil
        case "regex": return .regex(try FieldReader.string(value, field))
        case "grammar": return .grammar(try FieldReader.string(value, field))
        case "structural_tag": return .structuralTag(try parsed(value, field))
        default:
            guard let values = value.arrayValue, !values.isEmpty else {
                throw .wrongType(field: field, expected: "a list of at least one string", found: value.kindName)
            }
            var texts: [String] = []
            for (index, value) in values.enumerated() {
                texts.append(try FieldReader.string(value, "\(field)[\(index)]"))
            }
            return .choice(texts)
        }
    }

    /// A value that may also be given as its text.
    private static func parsed(_ value: JSONValue, _ field: String) throws(ValidationError) -> JSONValue {
        guard case .string(let text) = value else { return value }
        do throws(JSONError) {
            return try JSONParser.parse(Array(text.utf8), limits: RequestBody.limits)
        } catch {
            throw .invalid(field: field, message: "\(field) isn't JSON: \(error.description)")
        }
    }

    /// The bytes of a grammar's source; `nil` where there is none.
    private static func size(of grammar: OutputGrammar) -> Int? {
        switch grammar {
        case .jsonObject: nil
        case .regex(let text), .grammar(let text): text.utf8.count
        case .choice(let texts): texts.reduce(0) { $0 + $1.utf8.count }
        case .jsonSchema(let value), .structuralTag(let value): value.serialized.count
        }
    }
}
