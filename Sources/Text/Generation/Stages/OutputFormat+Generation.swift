extension OutputFormat {
    /// A parser for a request's outputs; `nil` where there is nothing to look for.
    package func makeParser(_ prepared: PreparedGeneration) -> (any OutputParser)? {
        let request = prepared.request
        let tools = request.tools.flatMap { $0.choice == .none ? nil : ToolSet($0.callable) }
        guard tools != nil || request.separatesReasoning else { return nil }
        var situation = OutputSituation(tools: tools)
        situation.obeysGrammar = request.grammar != nil
        situation.separatesReasoning = request.separatesReasoning
        situation.showsControlTokens = !request.skipSpecialTokens
        situation.beginsReasoning = prepared.promptText.flatMap { reasoning?.begins(behind: $0) }
        return makeParser(situation)
    }
}
