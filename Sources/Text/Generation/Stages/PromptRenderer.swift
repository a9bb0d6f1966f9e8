package import ChatTemplates
package import OrderedJSON
package import Tokenization

/// Chats to prompt text: picks the template, names its variables, guards against forged control tokens.
package struct PromptRenderer: Sendable {
    private let modelTemplate: ChatTemplate?
    /// The model's further templates by name, as text: they are compiled when a chat needs them.
    private let namedTemplates: [String: String]
    private let specialTexts: JSONObject
    private let guardian: ControlTokenGuard
    private let cache: TemplateCache

    /// A renderer for a model.
    ///
    /// - Parameters:
    ///   - tokenizer: Where control tokens, `bos_token` and `eos_token` come from.
    ///   - template: The model's template, when it has one.
    ///   - named: Its further templates, as "tool_use" or "rag".
    ///   - limits: What rendering any template may take.
    package init(
        tokenizer: Tokenizer,
        template: ChatTemplate?,
        named: [String: String] = [:],
        limits: TextLimits = TextLimits(),
    ) {
        cache = TemplateCache(limits: limits.template)
        namedTemplates = named
        modelTemplate = template?.limited(to: limits.template)
        specialTexts = Self.specialTexts(of: tokenizer)
        let ids = (0..<TokenID(clamping: tokenizer.vocabularySize)).lazy.filter(tokenizer.isSpecial)
        guardian = ControlTokenGuard(controlTexts: ids.map { tokenizer.bytes(of: $0, skipSpecialTokens: false) })
    }

    /// A renderer without a model: no special tokens, nothing to guard against.
    package init(template: ChatTemplate?) {
        cache = TemplateCache()
        namedTemplates = [:]
        modelTemplate = template
        specialTexts = JSONObject()
        guardian = ControlTokenGuard(controlTexts: [])
    }

    /// The variables that templates expect to hold the texts of a model's special tokens.
    package static func specialTexts(of tokenizer: Tokenizer) -> JSONObject {
        var texts = JSONObject()
        for (name, token) in [("bos_token", tokenizer.bosToken), ("eos_token", tokenizer.eosToken)] {
            guard let token else { continue }
            let bytes = tokenizer.bytes(of: token, skipSpecialTokens: false)
            texts[name] = .string(String(decoding: bytes, as: UTF8.self))
        }
        return texts
    }

    /// The prompt of a chat, with the places where control tokens' texts were typed by a user.
    ///
    /// - Throws: `.template`, `.noChatTemplate` or `.cancelled`.
    package func render(
        _ chat: ChatPrompt,
        isCancelled: @escaping @Sendable () -> Bool = { false },
    ) throws(GenerationError) -> ControlTokenGuard.Unmarked {
        let text: String?
        do throws(TemplateError) {
            let guardian = guardian
            let template = try template(of: chat)
            let render = { (hasParsedArguments: Bool) throws(TemplateError) in
                try template?.render(
                    variables(of: chat, for: template?.source ?? "", hasParsedArguments: hasParsedArguments),
                    mark: { guardian.mark($0) },
                    isCancelled: isCancelled
                )
            }
            do throws(TemplateError) {
                text = try render(true)
            } catch let error where error.kind == .runtime && chat.hasCalls {
                // Some templates take arguments for the text that they are in requests.
                text = try render(false)
            }
        } catch {
            throw error.kind == .cancelled ? .cancelled : .template(error)
        }
        guard var text else { throw .noChatTemplate }
        if chat.continuesFinalMessage {
            text = try OpenTurn.cut(text, behind: guardian.mark(chat.messages.last?["content"]?.stringValue ?? ""))
        }
        return guardian.unmark(text)
    }

    /// The template of a chat: its own or the model's that it names, else the model's for tools if there are any.
    private func template(of chat: ChatPrompt) throws(TemplateError) -> ChatTemplate? {
        let source =
            chat.template.map { namedTemplates[$0] ?? $0 }
            ?? (chat.tools == nil ? nil : namedTemplates["tool_use"])
        guard let source else { return modelTemplate }
        return try cache.template(source)
    }

    private func variables(
        of chat: ChatPrompt,
        for template: String,
        hasParsedArguments: Bool,
    ) throws(TemplateError) -> JSONObject {
        var variables = specialTexts
        for (name, value) in guardian.mark(chat.templateVariables) { variables[name] = value }
        let prepared = try TemplateMessages.prepared(chat.messages, parsesArguments: hasParsedArguments)
        // What a format's own text is made of here aren't the texts of users.
        var messages = prepared.map(guardian.mark)
        let tools = chat.tools?.map(guardian.mark)
        let hasTools = tools != nil || !template.contains("tool_calls")
        if hasTools, ToolInstructions.areNeeded(by: template) {
            let hasSystemRole = template.contains("system")
            messages = ToolInstructions.messages(messages, tools: tools, hasSystemRole: hasSystemRole)
        } else {
            messages = ToolMessages.adapted(messages, tools: tools, to: template)
        }
        variables["messages"] = .array(messages)
        variables["tools"] = tools.map { .array($0) } ?? .null
        variables["documents"] = chat.documents.map { guardian.mark(.array($0)) } ?? .null
        variables["add_generation_prompt"] = .bool(chat.addGenerationPrompt && !chat.continuesFinalMessage)
        return variables
    }
}

extension ChatPrompt {
    /// Whether a message has calls of tools.
    fileprivate var hasCalls: Bool { messages.contains { $0["tool_calls"] != nil } }
}
