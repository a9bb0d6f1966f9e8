internal import ArgumentParser
internal import CommandSupport
internal import Tokenization

/// `tokenize MODEL`: text on standard input, one JSON array of token ids on standard output.
struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Turns the text on standard input into a JSON array of token ids.",
    )

    @Argument(help: "Path of a GGUF file, which may hold a vocabulary only, or a model's name on a hub.")
    var model: String
    @Option(name: RevisionOption.names, help: RevisionOption.help)
    var revision: String?
    @Flag(name: .customLong("add_special_tokens"), help: "Add BOS and EOS where the model wants them.")
    var addSpecialTokens = false
    @Flag(name: .customLong("parse_special_tokens"), help: "Turn the text of control tokens into those tokens.")
    var parseSpecialTokens = false

    func run() async throws {
        let location = ModelLocation(model: model, revision: revision)
        let path = try await location.path(for: .text, .standardError(model))
        let tokenizer = try TextModel(path: path).tokenizer
        let tokens = tokenizer.encode(
            try StandardStreams.readAll(),
            addSpecialTokens: addSpecialTokens,
            parseSpecialTokens: parseSpecialTokens,
        )
        try StandardStreams.write(Array("[\(tokens.map { "\($0)" }.joined(separator: ", "))]\n".utf8))
    }
}
