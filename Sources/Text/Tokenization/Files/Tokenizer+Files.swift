internal import OrderedJSON

/// The files of a checkpoint's directory that describe its tokenizer, as bytes; `nil` for those that aren't there.
public struct TokenizerFiles: Sendable {
    /// `tokenizer.json`.
    public var tokenizer: [UInt8]?
    /// `tokenizer_config.json`.
    public var configuration: [UInt8]?
    /// `special_tokens_map.json`.
    public var specialTokensMap: [UInt8]?

    /// `tokenizer.model`: SentencePiece's, or tiktoken's lines.
    public var sentencePiece: [UInt8]?
    /// `tekken.json`.
    public var tekken: [UInt8]?
    /// `tiktoken.model`, `qwen.tiktoken` and the like: lines of base64 and a rank.
    public var tiktoken: [UInt8]?
    /// GPT-2's `vocab.json`.
    public var pieces: [UInt8]?
    /// GPT-2's `merges.txt`.
    public var merges: [UInt8]?
    /// BERT's `vocab.txt`.
    public var wordPieces: [UInt8]?
    /// `added_tokens.json`, which counts beside these three.
    public var addedTokens: [UInt8]?

    /// No file is there.
    public init() {}
}

extension Tokenizer {
    /// Reads a tokenizer from its files.
    ///
    /// - Throws: `TokenizerError` naming the file and the field of whatever is missing, impossible or unknown.
    public init(_ files: TokenizerFiles) throws(TokenizerError) {
        let settings = try FileValue(files.configuration, named: "tokenizer_config.json")
        let specialTokens = try FileValue(files.specialTokensMap, named: "special_tokens_map.json")
        let configuration = try TokenizerConfiguration(settings, specialTokensMap: specialTokens)
        if let parts = try Self.describedParts(files, configuration) {
            self.init(TokenizerPipeline(parts))
            return
        }
        let vocabulary = try PlainVocabulary(files, settings)
        let roles = try TokenizerConfiguration(settings, specialTokensMap: specialTokens ?? vocabulary.specialTokens)
        self.init(TokenizerPipeline(try TokenizerJSONReader(vocabulary.file, roles).parts()))
    }

    /// The parts that a file describes by itself; `nil` when there is none such.
    private static func describedParts(
        _ files: TokenizerFiles,
        _ configuration: TokenizerConfiguration,
    ) throws(TokenizerError) -> PipelineParts? {
        if let file = try FileValue(files.tokenizer, named: "tokenizer.json") {
            return try TokenizerJSONReader(file, configuration).parts()
        }
        if let file = try FileValue(files.tekken, named: "tekken.json") { return try RankedBytesReader.tekken(file) }
        if let lines = files.tiktoken {
            let expression = configuration.expression ?? PublishedExpressions.qwen
            return try RankedBytesReader.tiktoken(lines, named: "tiktoken", expression, configuration)
        }
        guard let bytes = files.sentencePiece else { return nil }
        // Base64 of small numbers begins with a letter, a message with the tag of its first piece.
        if bytes.first == 0x0A { return try SentencePieceReader.parts(bytes, configuration) }
        return try RankedBytesReader.tiktoken(
            bytes,
            named: "tokenizer.model",
            PublishedExpressions.llama3,
            configuration
        )
    }
}

extension FileValue {
    /// A whole file; `nil` when it isn't there.
    init?(_ bytes: [UInt8]?, named name: String) throws(TokenizerError) {
        guard let bytes else { return nil }
        do {
            self.init(value: try JSONParser.parse(bytes, limits: FileLimits.json), path: name)
        } catch {
            throw .malformedFile(field: name, reason: error.description)
        }
    }
}
