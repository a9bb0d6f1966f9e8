internal import OrderedJSON

/// Reads `tokenizer.json`, the file of the `tokenizers` library, and what `tokenizer_config.json` says beside it.
struct TokenizerJSONReader {
    private let file: FileValue
    private let configuration: TokenizerConfiguration

    /// The whole of a `tokenizer.json`.
    init(_ file: FileValue, _ configuration: TokenizerConfiguration) {
        self.file = file
        self.configuration = configuration
    }

    /// - Throws: `TokenizerError` naming what in a file is missing, impossible or unknown.
    func parts() throws(TokenizerError) -> PipelineParts {
        var normalizer: Normalizer?
        if let value = file["normalizer"] { normalizer = try NormalizerReader.read(value) }
        var steps: [PreTokenizerStep] = []
        if let value = file["pre_tokenizer"] { steps = try PreTokenizerReader.read(value) }
        // The last step's bytes need no characters where the model takes them as they are.
        var spellsBytes = false
        let reader = ModelReader(try file.required("model"))
        if case .byteLevel(let addsPrefixSpace, let splits, true) = steps.last, try reader.takesBytes() {
            steps[steps.count - 1] = .byteLevel(addsPrefixSpace: addsPrefixSpace, splits: splits, spells: false)
            spellsBytes = true
        }
        let (table, model) = try reader.read(spellsBytes: spellsBytes)
        var parts = PipelineParts(table: table, model: model)
        parts.normalizer = normalizer
        parts.steps = steps
        parts.addedTokens = try addedTokens(table)
        if let value = file["post_processor"] { (parts.prefix, parts.suffix) = try TemplateReader.read(value) }
        if let value = file["decoder"] { parts.decoder = try DecoderReader.read(value) }
        var isBPE = false
        if case .bpe = model { isBPE = true }
        if configuration.cleansUpSpaces, !isBPE { parts.decoder += CleanUp.stages }
        configuration.complete(&parts)
        return parts
    }

    /// The file's added tokens, then those of the configuration, which may change the former.
    private func addedTokens(_ table: PieceTable) throws(TokenizerError) -> [AddedToken] {
        var list = AddedTokenList(table)
        if let values = file["added_tokens"] {
            let elements = try values.elements()
            if elements.count > FileLimits.addedTokens {
                throw values.failure("\(elements.count) tokens, the limit is \(FileLimits.addedTokens)")
            }
            for value in elements { try list.add(try AddedTokenList.token(value)) }
        }
        for token in configuration.addedTokens { try list.add(token) }
        for text in configuration.specialTexts { list.markSpecial(text) }
        return list.tokens
    }
}

/// Added tokens with their ids, each text once.
struct AddedTokenList {
    private(set) var tokens: [AddedToken] = []
    private let table: PieceTable
    private var places: [[UInt8]: Int] = [:]
    private var nextID: Int

    init(_ table: PieceTable, _ tokens: [AddedToken] = []) {
        self.table = table
        self.tokens = tokens
        nextID = table.count
        for (place, token) in tokens.enumerated() { places[token.content] = place }
    }

    /// A token as a file has it, whose id is what the file says.
    static func token(_ value: FileValue) throws(TokenizerError) -> AddedToken {
        let content = try value.required("content").bytes()
        if content.count > FileLimits.literal * 16 { throw value.failure("a token of \(content.count) bytes") }
        let isSpecial = try value.flag("special", default: false)
        return AddedToken(
            content: content,
            id: TokenID(try value["id"]?.integer(in: 0...FileLimits.ids) ?? -1),
            isSpecial: isSpecial,
            isSingleWord: try value.flag("single_word", default: false),
            stripsLeft: try value.flag("lstrip", default: false),
            stripsRight: try value.flag("rstrip", default: false),
            isNormalized: try value.flag("normalized", default: !isSpecial),
        )
    }

    /// Adds a token with the id that its text has, or else the next free one: what a file says counts for nothing, as in
    /// the library.
    mutating func add(_ token: AddedToken) throws(TokenizerError) {
        if token.content.isEmpty { return }
        var token = token
        if let place = places[token.content] {
            token.id = tokens[place].id
            tokens[place] = token
            return
        }
        let known = table.id(token.content)
        if known >= 0 {
            token.id = known
        } else {
            if nextID >= FileLimits.ids {
                throw .tooLarge(field: "added_tokens", count: nextID, limit: FileLimits.ids)
            }
            token.id = TokenID(nextID)
        }
        nextID = max(nextID, Int(token.id) + 1)
        places[token.content] = tokens.count
        tokens.append(token)
    }

    /// Makes the token of a text special, if there is one.
    mutating func markSpecial(_ text: [UInt8]) {
        if let place = places[text] {
            tokens[place].isSpecial = true
            return
        }
        let id = table.id(text)
        if text.isEmpty || id < 0 { return }
        places[text] = tokens.count
        tokens.append(AddedToken(content: text, id: id, isSpecial: true, isNormalized: false))
    }
}
