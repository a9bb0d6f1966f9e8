internal import ArgumentParser
internal import ChatTemplates
internal import CommandSupport
internal import Generation
internal import OrderedJSON
internal import Tokenization

/// `render`: a chat as JSON on standard input, the prompt a template makes of it on standard output.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Renders the chat on standard input with a chat template.",
        discussion: """
            Reads a JSON object: messages, tools, documents, add_generation_prompt (default false), bos_token, \
            eos_token (default the model's), and any other variable of the template.
            """,
    )

    @Argument(help: "Path of a GGUF file, or a model's name on a hub.")
    var model: String?
    @Option(name: RevisionOption.names, help: RevisionOption.help)
    var revision: String?
    @Option(name: .customLong("chat_template"), help: "A template instead of the model's: a file, or its text.")
    var chatTemplate: String?

    mutating func validate() throws {
        if model == nil && chatTemplate == nil { throw ValidationError("give MODEL or --chat_template FILE") }
        if model == nil && revision != nil { throw ValidationError("--revision is for a MODEL, and there is none") }
    }

    func run() async throws {
        let template = try chatTemplate.map { argument throws(StartupError) in
            try ChatTemplateSource.template(argument)
        }
        let chat = try Self.chat(StandardStreams.readAll())
        let prompt = try await renderer(template).render(chat)
        try StandardStreams.write(prompt.text)
    }

    private func renderer(_ template: ChatTemplate?) async throws -> PromptRenderer {
        guard let model else { return PromptRenderer(template: template) }
        let location = ModelLocation(model: model, revision: revision)
        let text = try TextModel(path: try await location.path(for: .text, .standardError(model)))
        guard template == nil else { return PromptRenderer(tokenizer: text.tokenizer, template: template) }
        return PromptRenderer(
            tokenizer: text.tokenizer,
            template: try text.chatTemplate(),
            named: text.namedTemplates,
        )
    }

    private static func chat(_ bytes: [UInt8]) throws -> ChatPrompt {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw StartupError.invalid("standard input isn't JSON: \(error)")
        }
        guard case .object(var variables) = value else {
            throw StartupError.invalid("standard input is a JSON \(value.kindName), but must be an object")
        }
        var chat = ChatPrompt(messages: try take("messages", from: &variables) ?? [])
        chat.tools = try take("tools", from: &variables)
        chat.documents = try take("documents", from: &variables)
        let flag = variables["add_generation_prompt"] ?? false
        guard let opensTurn = flag.boolValue else {
            throw StartupError.invalid("add_generation_prompt is a JSON \(flag.kindName), but must be a boolean")
        }
        chat.addGenerationPrompt = opensTurn
        variables["add_generation_prompt"] = nil
        chat.templateVariables = variables
        return chat
    }

    private static func take(_ name: String, from variables: inout JSONObject) throws -> [JSONValue]? {
        defer { variables[name] = nil }
        guard let value = variables[name], !value.isNull else { return nil }
        guard let elements = value.arrayValue else {
            throw StartupError.invalid("\(name) is a JSON \(value.kindName), but must be an array")
        }
        return elements
    }
}
