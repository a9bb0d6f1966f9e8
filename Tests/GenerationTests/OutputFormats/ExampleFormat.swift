import Generation

extension ToolCallFormat {
    /// A format made up for the documentation: the name in a tag, and JSON behind it.
    static let example = ToolCallFormat("example") {
        $0.contains("<call ")
    } openers: { tokens in
        var style = HeadedCalls.Style(headEnds: [tokens.form(">")])
        style.closer = tokens.form("</call>")
        return [Opener(tokens.form("<call ")) { [style] in HeadedCalls(style) }]
    }
}
