internal import OrderedJSON

/// What `tokenizer_config.json` and `special_tokens_map.json` say of a tokenizer.
struct TokenizerConfiguration {
    private var texts: [String: [UInt8]] = [:]
    private(set) var addedTokens: [AddedToken] = []
    /// Texts that are special tokens, if they are tokens.
    private(set) var specialTexts: [[UInt8]] = []
    private(set) var addsBOS: Bool?
    private(set) var addsEOS: Bool?
    /// Whether a decoded text loses spaces before English punctuation.
    private(set) var cleansUpSpaces = false

    /// How words are cut, for vocabularies that don't say.
    private(set) var expression: String?

    private static let roles = [
        "bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token",
    ]

    /// Nothing is said.
    init() {}

    /// - Throws: `TokenizerError.malformedFile`.
    init(_ file: FileValue?, specialTokensMap: FileValue?) throws(TokenizerError) {
        // Later ones count.
        for source in [specialTokensMap, file] {
            guard let source else { continue }
            for role in Self.roles {
                if let value = source[role] { texts[role] = try Self.text(value) }
            }
            for key in ["additional_special_tokens", "extra_special_tokens"] {
                guard let value = source[key], value.value.arrayValue != nil else { continue }
                for element in try value.elements() { specialTexts.append(try Self.text(element)) }
            }
        }
        specialTexts += Self.roles.compactMap { texts[$0] }
        guard let file else { return }
        addsBOS = try file["add_bos_token"]?.bool()
        addsEOS = try file["add_eos_token"]?.bool()
        cleansUpSpaces = try file.flag("clean_up_tokenization_spaces", default: false)
        expression = try file["pat_str"]?.string()
        guard let tokens = file["added_tokens_decoder"] else { return }
        var found: [(id: Int, token: AddedToken)] = []
        for (key, value) in try tokens.object() {
            guard let id = Int(key), (0..<FileLimits.ids).contains(id) else {
                throw tokens.failure("'\(FileValue.excerpt(key))' is no token id")
            }
            var token = try AddedTokenList.token(FileValue(value: value, path: "\(tokens.path).\(id)"))
            token.id = TokenID(id)
            found.append((id, token))
        }
        addedTokens = found.sorted { $0.id < $1.id }.map { $0.token }
    }

    private static func text(_ value: FileValue) throws(TokenizerError) -> [UInt8] {
        if let content = value["content"] { return try content.bytes() }
        return try value.bytes()
    }

    /// Gives the tokens their roles.
    func complete(_ parts: inout PipelineParts) {
        let added = Dictionary(parts.addedTokens.map { ($0.content, $0.id) }) { $1 }
        func id(_ role: String) -> TokenID? {
            guard let text = texts[role] else { return nil }
            if let id = added[text] { return id }
            let id = parts.table.id(text)
            return id < 0 ? nil : id
        }
        let roles = TokenRoles(
            bos: id("bos_token") ?? parts.roles.bos,
            eos: id("eos_token") ?? parts.roles.eos,
            padding: id("pad_token") ?? parts.roles.padding,
            unknown: id("unk_token") ?? parts.roles.unknown,
        )
        parts.roles = roles
        if let eos = roles.eos { parts.roles.endOfGeneration.insert(eos) }
    }

    /// Puts BOS and EOS around a text as the configuration says, which counts where no other file says it.
    ///
    /// - Throws: `TokenizerError.missingToken` when one is to be added that isn't there.
    func frame(_ parts: inout PipelineParts) throws(TokenizerError) {
        if addsBOS == nil && addsEOS == nil { return }
        let roles = parts.roles
        if addsBOS == true, roles.bos == nil {
            throw .missingToken(field: "bos_token", flag: "add_bos_token")
        }
        if addsEOS == true, roles.eos == nil {
            throw .missingToken(field: "eos_token", flag: "add_eos_token")
        }
        parts.prefix = addsBOS == true ? roles.bos.map { [$0] } ?? [] : []
        parts.suffix = addsEOS == true ? roles.eos.map { [$0] } ?? [] : []
    }
}
