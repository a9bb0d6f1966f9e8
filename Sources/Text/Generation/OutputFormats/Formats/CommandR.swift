extension ToolCallFormat {
    /// Command R7B's format: actions in a list of JSON objects between two control tokens; Command R+ has a fenced list
    /// behind the word `Action:`.
    ///
    ///     <|START_ACTION|>[{"tool_call_id": "0", "tool_name": "f", "parameters": {"a": 1}}]<|END_ACTION|>
    package static let commandR: ToolCallFormat = {
        var format = ToolCallFormat("command-r", "command_r7b", "cohere", "cohere_command3") {
            $0.contains("<|START_ACTION|>") || $0.contains("\"tool_name\":")
        } openers: { tokens in
            var style = JSONCalls.Style()
            style.nameKeys = ["tool_name", "name"]
            style.idKeys = ["tool_call_id"]
            var fenced = style
            style.closers = [tokens.form("<|END_ACTION|>")]
            fenced.openers = [Array("```json".utf8), Array("```".utf8)]
            fenced.closers = [Array("```".utf8)]
            return [
                Opener(tokens.form("<|START_ACTION|>")) { [style] in JSONCalls(style) },
                Opener(Array("Action: ```json".utf8)) { [fenced] in JSONCalls(fenced) },
            ]
        } grammar: { _ in
            CallGrammar(
                trigger: "<|START_ACTION|>",
                opening: "<|START_ACTION|>[\n",
                separator: ",\n",
                closing: "\n]<|END_ACTION|>",
                before: { "    {\"tool_name\": \"\($0)\", \"parameters\": " },
                after: "}",
            )
        }
        format.ignored = ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"]
        return format
    }()
}
