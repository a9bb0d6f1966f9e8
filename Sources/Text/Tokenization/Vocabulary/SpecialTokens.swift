/// The tokens with a role: named by the description, defaulted by the model, or known by their text.
struct SpecialTokens: Sendable {
    var bos: TokenID?
    var eos: TokenID?
    var unknown: TokenID?
    var padding: TokenID?
    var endOfGeneration: Set<TokenID> = []

    /// Checks the named ids, fills in llama.cpp's defaults and finds the known names, changing their attributes to
    /// what the names stand for.
    ///
    /// - Throws: `TokenizerError.idOutOfRange`.
    init(
        _ description: TokenizerDescription,
        _ table: PieceTable,
        _ attributes: inout [TokenAttributes],
    ) throws(TokenizerError) {
        func checked(_ field: String, _ id: TokenID?) throws(TokenizerError) -> TokenID? {
            guard let id else { return nil }
            if id < 0 || Int(id) >= table.count {
                throw .idOutOfRange(field: field, id: id, vocabularySize: table.count)
            }
            return id
        }
        func fallback(_ id: TokenID) -> TokenID? { Int(id) < table.count ? id : nil }
        bos = try checked("bos_token_id", description.bos)
        eos = try checked("eos_token_id", description.eos)
        unknown = try checked("unknown_token_id", description.unknown)
        padding = try checked("padding_token_id", description.padding)
        switch description.model {
        case .byteLevelBPE: break
        case .sentencePieceBPE:
            bos = bos ?? fallback(1)
            eos = eos ?? fallback(2)
            unknown = unknown ?? fallback(0)
        case .unigram:
            eos = eos ?? fallback(1)
            unknown = unknown ?? fallback(2)
            padding = padding ?? fallback(0)
        }
        let fill = description.fillInMiddle
        let roles: [(id: TokenID?, names: [String], endsGeneration: Bool)] = [
            (try checked("eot_token_id", description.eot), KnownNames.endOfTurn, true),
            (try checked("eom_token_id", description.eom), KnownNames.endOfMessage, true),
            (try checked("fim_pre_token_id", fill.prefix), KnownNames.fillPrefix, false),
            (try checked("fim_suf_token_id", fill.suffix), KnownNames.fillSuffix, false),
            (try checked("fim_mid_token_id", fill.middle), KnownNames.fillMiddle, false),
            (try checked("fim_pad_token_id", fill.padding), KnownNames.fillPadding, true),
            (try checked("fim_rep_token_id", fill.repository), KnownNames.fillRepository, true),
            (try checked("fim_sep_token_id", fill.separator), KnownNames.fillSeparator, true),
        ]
        for role in roles {
            var id = role.id
            if id == nil, let found = Self.first(of: role.names, in: table) {
                attributes[Int(found)].insert(.control)
                id = found
            }
            if role.endsGeneration, let id { endOfGeneration.insert(id) }
        }
        for name in KnownNames.endOfGeneration {
            guard let id = Self.first(of: [name], in: table) else { continue }
            endOfGeneration.insert(id)
            attributes[Int(id)].insert(.control)
        }
        for name in KnownNames.alwaysShown {
            if let id = Self.first(of: [name], in: table) { attributes[Int(id)] = .userDefined }
        }
        if let eos { endOfGeneration.insert(eos) }
        dropFalseEnds(table, &attributes)
    }

    /// Some vocabularies use a usual end's name for something else, which their other ends betray.
    private mutating func dropFalseEnds(_ table: PieceTable, _ attributes: inout [TokenAttributes]) {
        func ends(_ name: String) -> Bool {
            Self.first(of: [name], in: table).map(endOfGeneration.contains) ?? false
        }
        func drop(_ name: String, becoming attribute: TokenAttributes) {
            guard let id = Self.first(of: [name], in: table) else { return }
            endOfGeneration.remove(id)
            attributes[Int(id)] = attribute
        }
        let calls = ends("<|call|>") || ends("<|calls|>")
        if ends("<|end|>"), calls, ends("<|return|>") || ends("<|flush|>") {
            drop("<|end|>", becoming: .userDefined)
        }
        if ends("</s>"), ends("<|tool_response>") || ends("<|plamo:eos|>") { drop("</s>", becoming: .normal) }
    }

    private static func first(of names: [String], in table: PieceTable) -> TokenID? {
        names.lazy.map { table.id(Array($0.utf8)) }.first { $0 >= 0 }
    }
}
