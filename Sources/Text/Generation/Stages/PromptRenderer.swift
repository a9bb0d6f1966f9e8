package import ChatTemplates
package import OrderedJSON
package import Tokenization

/// Chats to prompt text: picks the template, names its variables, guards against forged control tokens.
package struct PromptRenderer: Sendable {
    private let modelTemplate: ChatTemplate?
    private let specialTexts: JSONObject
    private let guardian: ControlTokenGuard
    private let cache = TemplateCache()

    /// A renderer for a model.
    ///
    /// - Parameters:
    ///   - tokenizer: Where control tokens, `bos_token` and `eos_token` come from.
    ///   - template: The model's template, when it has one.
    package init(tokenizer: Tokenizer, template: ChatTemplate?) {
        modelTemplate = template
        specialTexts = Self.specialTexts(of: tokenizer)
        let ids = (0..<TokenID(clamping: tokenizer.vocabularySize)).lazy.filter(tokenizer.isSpecial)
        guardian = ControlTokenGuard(controlTexts: ids.map { tokenizer.bytes(of: $0, skipSpecialTokens: false) })
    }

    /// A renderer without a model: no special tokens, nothing to guard against.
    package init(template: ChatTemplate?) {
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
    /// - Throws: `.template` or `.noChatTemplate`.
    package func render(_ chat: ChatPrompt) throws(GenerationError) -> ControlTokenGuard.Unmarked {
        do {
            let template = try chat.template.map(cache.template) ?? modelTemplate
            guard let template else { throw GenerationError.noChatTemplate }
            return guardian.unmark(try template.render(variables(of: chat)))
        } catch let error as TemplateError {
            throw .template(error)
        } catch {
            throw .noChatTemplate
        }
    }

    private func variables(of chat: ChatPrompt) -> JSONObject {
        var variables = specialTexts
        for (name, value) in guardian.mark(chat.templateVariables) { variables[name] = value }
        variables["messages"] = guardian.mark(.array(chat.messages))
        variables["tools"] = chat.tools.map { guardian.mark(.array($0)) } ?? .null
        variables["documents"] = chat.documents.map { guardian.mark(.array($0)) } ?? .null
        variables["add_generation_prompt"] = .bool(chat.addGenerationPrompt)
        return variables
    }
}
