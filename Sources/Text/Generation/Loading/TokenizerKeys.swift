internal import Checkpoints
internal import Tokenization

/// The keys of a tokenizer in GGUF metadata, `tokenizer.ggml.NAME`.
struct TokenizerKeys {
    /// The algorithms by their names in `tokenizer.ggml.model`.
    static let models: [String: TokenizerModel] = [
        "gpt2": .byteLevelBPE, "gemma4": .byteLevelBPE, "llama": .sentencePieceBPE, "t5": .unigram,
    ]

    private let metadata: GGUFMetadata

    /// The keys of a file.
    init(_ metadata: GGUFMetadata) { self.metadata = metadata }

    /// A key's full name.
    func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }

    /// A string that must be there.
    func requiredString(_ name: String) throws(CheckpointError) -> String {
        guard let value = try metadata.string(key(name)) else {
            throw .missingKey(file: metadata.file, key: key(name))
        }
        return value
    }

    /// The pieces by token id.
    func pieces() throws(CheckpointError) -> [[UInt8]] {
        guard let pieces = try metadata.strings(key("tokens")) else {
            throw .missingKey(file: metadata.file, key: key("tokens"))
        }
        return Array(pieces)
    }

    /// The merges of byte-level BPE by rank; empty if there are none.
    func merges() throws(CheckpointError) -> [[UInt8]] {
        guard let merges = try metadata.strings(key("merges")) else { return [] }
        return Array(merges)
    }

    /// What each piece is for; empty if the file doesn't say.
    func kinds() throws(CheckpointError) -> [TokenKind] {
        var kinds: [TokenKind] = []
        for (id, value) in (try metadata.integers(key("token_type")) ?? []).enumerated() {
            guard let raw = Int32(exactly: value), let kind = TokenKind(rawValue: raw) else {
                throw .outOfRange(
                    file: metadata.file,
                    key: "\(key("token_type"))[\(id)]",
                    value: "\(value)",
                    limit: "from 0 to 6"
                )
            }
            kinds.append(kind)
        }
        return kinds
    }

    /// A token's id; `nil` if no name is there or the file says that there is no such token: -1, also unsigned.
    ///
    /// The first name that is there counts; later ones are older spellings.
    func token(_ names: String...) throws(CheckpointError) -> TokenID? {
        for name in names {
            guard let id = try metadata.integer(key(name), in: -1...Int(UInt32.max)) else { continue }
            if id == -1 || id == Int(UInt32.max) { return nil }
            guard let id = TokenID(exactly: id) else {
                let limit = "at most \(TokenID.max)"
                throw .outOfRange(file: metadata.file, key: key(name), value: "\(id)", limit: limit)
            }
            return id
        }
        return nil
    }

    /// The fill-in-the-middle tokens.
    func fillInMiddle() throws(CheckpointError) -> FillInMiddleTokens {
        FillInMiddleTokens(
            prefix: try token("fim_pre_token_id", "prefix_token_id"),
            suffix: try token("fim_suf_token_id", "suffix_token_id"),
            middle: try token("fim_mid_token_id", "middle_token_id"),
            padding: try token("fim_pad_token_id"),
            repository: try token("fim_rep_token_id"),
            separator: try token("fim_sep_token_id"),
        )
    }
}
