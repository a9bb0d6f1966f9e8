extension GGUFMetadata {
    /// The default chat template (`tokenizer.chat_template`), or the one named "default"; `nil` if there is none.
    ///
    /// - Throws: `CheckpointError` if it isn't UTF-8 text.
    public func chatTemplate() throws(CheckpointError) -> String? {
        if let template = try string("tokenizer.chat_template") { return template }
        return try string("tokenizer.chat_template.default")
    }

    /// The chat template of a name, as in "tool_use" (`tokenizer.chat_template.NAME`); `nil` if there is none.
    ///
    /// - Throws: `CheckpointError` if it isn't UTF-8 text.
    public func chatTemplate(named name: String) throws(CheckpointError) -> String? {
        try string("tokenizer.chat_template.\(name)")
    }

    /// The names of the templates besides the default, in the file's order.
    public var chatTemplateNames: [String] {
        let prefix = "tokenizer.chat_template."
        return keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}
