extension ToolCallFormat {
    /// Calls of models whose template knows no tools: they are told to write Hermes' format (`ToolInstructions`), which takes
    /// bare objects as well.
    package static let generic: ToolCallFormat = {
        var format = hermes
        format.names = ["json", "generic"]
        format.isShown = { _ in false }
        return format
    }()
}
