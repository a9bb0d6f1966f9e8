internal import OrderedJSON

extension ToolCallFormat {
    /// FunctionGemma's format.
    ///
    ///     <start_function_call>call:f{a:1,b:<escape>x<escape>}<end_function_call>
    package static let functionGemma = ToolCallFormat("functiongemma") {
        $0.contains("<start_function_call>")
    } openers: { tokens in
        let (quote, closer) = (tokens.form("<escape>"), tokens.form("<end_function_call>"))
        return [Opener(tokens.form("<start_function_call>")) { BareCalls(quote: quote, closer: closer) }]
    } grammar: { _ in
        CallGrammar(marker: "<start_function_call>") {
            $0.bareCall(opener: "<start_function_call>", quote: "<escape>", closer: "<end_function_call>")
        }
    }

    /// Gemma 4's format.
    ///
    ///     <|tool_call>call:f{a:1,b:<|"|>x<|"|>}<tool_call|>
    package static let gemma4 = ToolCallFormat("gemma4") {
        $0.contains("<|tool_call>")
    } openers: { tokens in
        let (quote, closer) = (tokens.form("<|\"|>"), tokens.form("<tool_call|>"))
        return [Opener(tokens.form("<|tool_call>")) { BareCalls(quote: quote, closer: closer) }]
    } grammar: { _ in
        CallGrammar(marker: "<|tool_call>") {
            $0.bareCall(opener: "<|tool_call>", quote: "<|\"|>", closer: "<tool_call|>")
        }
    }
}

extension ToolDefinition {
    /// A call in Gemma's notation.
    fileprivate func bareCall(opener: String, quote: String, closer: String) -> CallGrammar.Part {
        .sequence([
            .text(.text("\(opener)call:\(name)")), Self.bareMembers(argumentSchemas, quote, depth: 0),
            .text(.text(closer)),
        ])
    }

    private static func bareMembers(
        _ schemas: [(name: String, schema: JSONValue, isRequired: Bool)],
        _ quote: String,
        depth: Int,
    ) -> CallGrammar.Part {
        .members(
            CallGrammar.Members(
                named: schemas.map { ("\($0.name):", bareValue($0.schema, quote, depth: depth + 1), $0.isRequired) },
                open: "{",
                separator: ",",
                close: "}",
            )
        )
    }

    /// A value by the type in its schema; what has no type is a string.
    private static func bareValue(_ schema: JSONValue, _ quote: String, depth: Int) -> CallGrammar.Part {
        if let values = schema.countedValues {
            return .choice(
                values.map { .text(.text($0.stringValue.map { quote + $0 + quote } ?? $0.serializedText)) }
            )
        }
        switch schema["type"] {
        case "integer", "number", "boolean", "null": return .json(schema)
        case "array" where depth < deepest:
            return .list(bareValue(schema["items"] ?? [:], quote, depth: depth + 1), open: "[", ",", close: "]")
        case "object" where depth < deepest:
            let inner = ToolDefinition(name: "", parameters: schema.objectValue ?? [:])
            return bareMembers(inner.argumentSchemas, quote, depth: depth)
        default: return .sequence([.text(.text(quote)), .textThrough(quote)])
        }
    }

    /// Deepest nesting of values that is held to the schema.
    private static let deepest = 8
}
