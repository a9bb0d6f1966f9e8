extension ToolCallFormat {
    /// The format of Llama 3.1, 3.2 and 3.3: the answer is a JSON object, perhaps behind a control token; several are
    /// separated by semicolons.
    ///
    /// An object that names a function is a call behind a text, too.
    ///
    ///     <|python_tag|>{"name": "f", "parameters": {"a": 1}}
    package static let llama3JSON = ToolCallFormat("llama3_json", "llama3", "llama4_json") {
        $0.contains("<|python_tag|>") || ($0.contains("<|start_header_id|>") && $0.contains("\"parameters\":"))
    } openers: { tokens in
        var style = JSONCalls.Style()
        style.separators = Array(";,".utf8)
        // Some write the function's name as the type's neighbour: {"type": "function", "function": "f", ...}.
        style.nameKeys = ["name", "function"]
        let reader: @Sendable () -> any CallReader = { [style] in JSONCalls(style) }
        return [
            Opener(tokens.form("<|python_tag|>"), reader: reader),
            Opener(firstBytes: "{".utf8, reader: reader),
        ] + namedObjects(isAtStart: false, reader: reader)
    } grammar: { _ in
        CallGrammar(
            trigger: "{\"name\": \"",
            separator: "; ",
            before: { "{\"name\": \"\($0)\", \"parameters\": " },
            after: "}",
        )
    }

    /// Openers of JSON objects that begin with a name.
    static func namedObjects(isAtStart: Bool, reader: @escaping @Sendable () -> any CallReader) -> [Opener] {
        ["{\"name\": \"", "{\"name\":\""].map {
            Opener(Array($0.utf8), isRead: true, isAtStart: isAtStart, reader: reader)
        }
    }
}
