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
            style.closers = [tokens.form("<|END_ACTION|>")]
            return [
                Opener(tokens.form("<|START_ACTION|>")) { [style] in JSONCalls(style) },
                Opener(Array("Action: ```json".utf8), reader: fencedActions.reader),
            ]
        } grammar: { _ in
            let marked = CallGrammar(
                marker: "<|START_ACTION|>",
                opening: "<|START_ACTION|>[\n",
                separator: ",\n",
                closing: "\n]<|END_ACTION|>",
                before: ["    {\"tool_name\": \"", .name, "\", \"parameters\": "],
                after: "}",
            )
            return CallGrammar(
                marked.sections + fencedActions.sections(behind: "Action: ```json", isAtStart: false)
            )
        }
        format.ignored = ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"]
        return format
    }()

    /// Actions in a fence.
    private static let fencedActions: NamedObjects.Style = {
        var style = NamedObjects.Style()
        style.nameKeys = ["tool_name", "name"]
        style.closer = Array("```".utf8)
        return style
    }()
}
