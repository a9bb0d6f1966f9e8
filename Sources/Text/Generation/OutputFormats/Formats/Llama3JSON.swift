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
        return [
            Opener(tokens.form("<|python_tag|>")) { [style] in JSONCalls(style) },
            Opener(Array("{".utf8), isRead: true, reader: bare.reader),
            Opener(firstBytes: "[".utf8, reader: bare.reader),
        ]
    } grammar: { _ in
        let call: @Sendable (ToolDefinition) -> CallGrammar.Part = {
            .sequence([.text(["{\"name\": \"", .name, "\", \"parameters\": "]), .json($0.schema), .text("}")])
        }
        return CallGrammar(
            [
                CallGrammar.Section(.none, separator: "; ", call: call),
                CallGrammar.Section(
                    .marker("<|python_tag|>"),
                    opening: "<|python_tag|>",
                    separator: "; ",
                    call: call,
                ),
            ] + bare.sections(isAtStart: false)
        )
    }

    /// Objects without a token in front.
    private static let bare: NamedObjects.Style = {
        var style = NamedObjects.Style()
        style.nameKeys = ["name", "function"]
        return style
    }()
}
