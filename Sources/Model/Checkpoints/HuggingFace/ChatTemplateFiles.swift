internal import OrderedJSON

/// The chat templates of a directory.
///
/// In order: `chat_template.jinja`, with further ones as `additional_chat_templates/NAME.jinja`; `chat_template.json`;
/// and "chat_template" in `tokenizer_config.json`, which is a template or a list `{"name": ..., "template": ...}`.
struct ChatTemplateFiles {
    let directory: String

    /// Most bytes of a template.
    private static let sizeLimit = 1 << 20
    /// Most templates besides the default.
    private static let mostTemplates = 64

    /// All templates.
    ///
    /// - Throws: `CheckpointError` for a file that is broken or too large.
    func templates() throws(CheckpointError) -> ChatTemplateTexts {
        var templates = ChatTemplateTexts()
        for file in ["tokenizer_config.json", "chat_template.json"] {
            guard let json = try JSONFile(path: "\(directory)/\(file)") else { continue }
            try add(json, to: &templates)
        }
        if let text = try template("chat_template.jinja") { templates.standard = text }
        let folder = "additional_chat_templates"
        let suffix = ".jinja"
        let names = DirectoryListing.names("\(directory)/\(folder)") ?? []
        for name in names.filter({ $0.hasSuffix(suffix) }).prefix(Self.mostTemplates) {
            templates.named[String(name.dropLast(suffix.count))] = try template("\(folder)/\(name)")
        }
        templates.standard = templates.standard ?? templates.named["default"]
        return templates
    }

    private func template(_ name: String) throws(CheckpointError) -> String? {
        let path = "\(directory)/\(name)"
        guard DirectoryListing.exists(path) else { return nil }
        return try SmallFile.text(path, limit: Self.sizeLimit)
    }

    /// Adds what a JSON file has in "chat_template".
    private func add(_ json: JSONFile, to templates: inout ChatTemplateTexts) throws(CheckpointError) {
        let key = "chat_template"
        switch json[key] {
        case nil: return
        case .string(let text): templates.standard = text
        case .array(let list) where list.count <= Self.mostTemplates:
            for entry in list {
                guard let name = entry["name"]?.stringValue, let text = entry["template"]?.stringValue else {
                    throw json.wrongType(key, "a list of names and templates", entry)
                }
                templates.named[name] = text
            }
        case .object(let members) where members.count <= Self.mostTemplates:
            for (name, value) in members {
                guard let text = value.stringValue else { throw json.wrongType(key, "templates by name", value) }
                templates.named[name] = text
            }
        case let value?: throw json.wrongType(key, "a template or a list of at most \(Self.mostTemplates)", value)
        }
    }
}
