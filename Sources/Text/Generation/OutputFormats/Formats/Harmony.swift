extension ToolCallFormat {
    /// The format of gpt-oss, which has a parser of its own (`HarmonyParser`): calls are messages to `functions.NAME`.
    ///
    ///     <|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}<|call|>
    package static let harmony = ToolCallFormat("gpt-oss", "harmony", "openai") {
        $0.contains("<|channel|>") && $0.contains("<|message|>")
    } openers: { _ in
        []
    } grammar: { _ in
        var grammar = CallGrammar(marker: "<|channel|>commentary to=functions.") { tool in
            .sequence([
                .text(["<|channel|>commentary to=functions.", .name, " <|constrain|>json<|message|>"]),
                .json(tool.schema),
            ])
        }
        // Each call is a message of its own, and the model's turn ends with it.
        grammar.hasOneCall = true
        grammar.prefixes = ["", "<|start|>assistant"]
        grammar.answerHeads = ReasoningFormat.harmony.answerHeads
        grammar.preamble = (
            heads: grammar.prefixes.map { $0 + "<|channel|>commentary<|message|>" },
            end: "<|end|>"
        )
        return grammar
    }

    /// Whether outputs are made of messages with channels.
    var isHarmony: Bool { names.contains("harmony") }
}
