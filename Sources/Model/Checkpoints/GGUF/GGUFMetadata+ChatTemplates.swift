extension GGUFMetadata {
    /// The chat templates: `tokenizer.chat_template` or the one named "default", and `tokenizer.chat_template.NAME`.
    ///
    /// - Throws: `CheckpointError` if one isn't UTF-8 text.
    func chatTemplates() throws(CheckpointError) -> ChatTemplateTexts {
        let key = "tokenizer.chat_template"
        var templates = ChatTemplateTexts()
        for name in keys where name.hasPrefix(key + ".") {
            templates.named[String(name.dropFirst(key.count + 1))] = try string(name)
        }
        templates.standard = try string(key) ?? templates.named["default"]
        return templates
    }
}
