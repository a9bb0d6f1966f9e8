extension ToolCallFormat {
    /// Calls as Python writes them, the answer is a list of them: Llama 3.2, OLMo 3 and others.
    ///
    ///     [f(a=1), g(b="x")]
    ///
    /// OLMo 3 writes them in lines between two tags.
    package static let pythonic = ToolCallFormat("pythonic", "olmo3", "llama3_pythonic") {
        $0.contains("params_name1=params_value1") || $0.contains("<function_calls>")
    } openers: { tokens in
        let closer = tokens.form("</function_calls>")
        return [
            Opener(firstBytes: "[".utf8) { PythonCalls() },
            Opener(tokens.form("<function_calls>")) { PythonCalls(closers: [closer], hasLines: true) },
        ]
    } grammar: { _ in
        pythonGrammar(trigger: nil, opening: "[", closing: "]")
    }

    /// Llama 4's format: the same list, perhaps between two control tokens.
    ///
    ///     <|python_start|>[f(a=1), g(b="x")]<|python_end|>
    package static let llama4Pythonic = ToolCallFormat("llama4_pythonic", "llama4") {
        $0.contains("<|python_start|>") || $0.contains("<|header_start|>")
    } openers: { tokens in
        let closer = tokens.form("<|python_end|>")
        return [
            Opener(tokens.form("<|python_start|>")) { PythonCalls(closers: [closer]) },
            Opener(firstBytes: "[".utf8) { PythonCalls() },
        ]
    } grammar: { _ in
        pythonGrammar(trigger: "<|python_start|>", opening: "<|python_start|>[", closing: "]<|python_end|>")
    }

    /// Calls of Python whose values are JSON, which the reader takes as well.
    private static func pythonGrammar(trigger: String?, opening: String, closing: String) -> CallGrammar {
        var grammar = CallGrammar(trigger: trigger) { tool in
            .members(
                CallGrammar.Members(
                    named: tool.argumentSchemas.map { ("\($0.name)=", .json($0.schema), $0.isRequired) },
                    open: "\(tool.name)(",
                    separator: ", ",
                    close: ")",
                )
            )
        }
        grammar.bare = [CallGrammar.Bare(beginning: { "[\($0)(" }, opening: "[", closing: "]")]
        grammar.opening = opening
        grammar.separator = ", "
        grammar.closing = closing
        return grammar
    }
}
