extension ToolCallFormat {
    /// The format of GLM-4-0414 and GLM-Z1: the answer is the function's name, and in the next line its arguments.
    ///
    ///     f
    ///     {"a": 1}<|assistant|>g
    ///     {"b": 2}
    package static let glm40414 = ToolCallFormat("glm4_0414") {
        $0.contains("<|observation|>") && $0.contains("metadata") && !$0.contains("<arg_key>")
    } openers: { tokens in
        let reader: @Sendable () -> any CallReader = { LineCalls() }
        return [
            Opener(firstBytes: (UInt8.min...UInt8.max).filter(LineCalls.isName), reader: reader),
            Opener(tokens.form("<|assistant|>"), reader: reader),
        ]
    } grammar: { _ in
        let head: CallGrammar.Pattern = [.name, .blanks, "\n", .space]
        let call: @Sendable (ToolDefinition) -> CallGrammar.Part = { .sequence([.text(head), .json($0.schema)]) }
        return CallGrammar([
            CallGrammar.Section(.head([head, "{"], isAtStart: true), separator: "<|assistant|>", call: call),
            CallGrammar.Section(
                .marker("<|assistant|>"),
                opening: "<|assistant|>",
                separator: "<|assistant|>",
                call: call,
            ),
        ])
    }
}
