extension ToolCallFormat {
    /// Calls as Python writes them, the answer is a list of them: Llama 3.2 and others.
    ///
    ///     [f(a=1), g(b="x")]
    package static let pythonic = ToolCallFormat("pythonic", "llama3_pythonic") {
        $0.contains("params_name1=params_value1")
    } openers: { _ in
        [Opener(firstBytes: "[".utf8) { PythonCalls() }]
    } grammar: { _ in
        CallGrammar([pythonList])
    }

    /// OLMo 3's format: the same calls in lines between two tags, or in a list.
    ///
    ///     <function_calls>f(a=1)
    ///     g(b="x")</function_calls>
    package static let olmo3 = ToolCallFormat("olmo3") {
        $0.contains("<function_calls>")
    } openers: { tokens in
        let closer = tokens.form("</function_calls>")
        return pythonic.openers(tokens) + [
            Opener(tokens.form("<function_calls>")) { PythonCalls(closers: [closer], hasLines: true) }
        ]
    } grammar: { _ in
        let lines = CallGrammar.Section(
            .marker("<function_calls>"),
            opening: "<function_calls>",
            closing: "</function_calls>",
            call: pythonCall,
        )
        return CallGrammar([lines, pythonList])
    }

    /// Llama 4's format: the same list, perhaps between two control tokens.
    ///
    ///     <|python_start|>[f(a=1), g(b="x")]<|python_end|>
    package static let llama4Pythonic = ToolCallFormat("llama4_pythonic", "llama4") {
        $0.contains("<|python_start|>") || $0.contains("<|header_start|>")
    } openers: { tokens in
        let closer = tokens.form("<|python_end|>")
        return [Opener(tokens.form("<|python_start|>")) { PythonCalls(closers: [closer]) }] + pythonic.openers(tokens)
    } grammar: { _ in
        let marked = CallGrammar.Section(
            .marker("<|python_start|>"),
            opening: "<|python_start|>[",
            separator: ", ",
            closing: "]<|python_end|>",
            call: pythonCall,
        )
        return CallGrammar([marked, pythonList])
    }

    /// A list of calls at an answer's beginning.
    private static let pythonList = CallGrammar.Section(
        .head(["[", .space, .name, "("], isAtStart: true),
        opening: ["[", .space],
        separator: ", ",
        closing: "]",
        call: pythonCall,
    )

    /// A call whose values are JSON, which the reader takes as well.
    @Sendable private static func pythonCall(_ tool: ToolDefinition) -> CallGrammar.Part {
        .members(
            CallGrammar.Members(
                named: tool.argumentSchemas.map { ("\($0.name)=", .json($0.schema), $0.isRequired) },
                open: "\(tool.name)(",
                separator: ", ",
                close: ")",
            )
        )
    }
}
