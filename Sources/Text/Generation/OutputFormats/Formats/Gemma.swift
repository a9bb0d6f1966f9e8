extension ToolCallFormat {
    /// FunctionGemma's format.
    ///
    ///     <start_function_call>call:f{a:1,b:<escape>x<escape>}<end_function_call>
    package static let functionGemma = ToolCallFormat("functiongemma") {
        $0.contains("<start_function_call>")
    } openers: { tokens in
        let (quote, closer) = (tokens.form("<escape>"), tokens.form("<end_function_call>"))
        return [Opener(tokens.form("<start_function_call>")) { BareCalls(quote: quote, closer: closer) }]
    }

    /// Gemma 4's format.
    ///
    ///     <|tool_call>call:f{a:1,b:<|"|>x<|"|>}<tool_call|>
    package static let gemma4 = ToolCallFormat("gemma4") {
        $0.contains("<|tool_call>")
    } openers: { tokens in
        let (quote, closer) = (tokens.form("<|\"|>"), tokens.form("<tool_call|>"))
        return [Opener(tokens.form("<|tool_call>")) { BareCalls(quote: quote, closer: closer) }]
    }
}
