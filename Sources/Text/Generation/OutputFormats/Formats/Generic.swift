extension ToolCallFormat {
    /// Calls of models whose template knows no tools: they are told to write Hermes' format (`ToolInstructions`), and a
    /// bare JSON object or list, fenced or not, is a call as well when it is the answer's beginning.
    package static let generic = ToolCallFormat("json", "generic") { _ in
        false
    } openers: { tokens in
        var fenced = JSONCalls.Style()
        fenced.closers = [Array("```".utf8)]
        let bare: @Sendable () -> any CallReader = { JSONCalls() }
        return hermes.openers(tokens) + [
            Opener(firstBytes: "{".utf8, reader: bare),
            Opener(firstBytes: "[".utf8, reader: bare),
            Opener(Array("```json".utf8)) { [fenced] in JSONCalls(fenced) },
        ]
    } grammar: { tokens in
        hermes.grammar?(tokens) ?? CallGrammar(trigger: nil) { .json($0.schema) }
    }
}
