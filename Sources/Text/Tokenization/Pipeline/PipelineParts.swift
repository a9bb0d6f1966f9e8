/// All that a pipeline is made of, read and checked.
struct PipelineParts: Sendable {
    /// The model's pieces.
    var table: PieceTable
    var model: PieceModel
    var addedTokens: [AddedToken] = []
    var normalizer: Normalizer?
    /// Whether added tokens that are looked for in the normalized text are normalized themselves.
    var normalizesTokens = true
    var steps: [PreTokenizerStep] = []
    /// Special tokens in front of a text.
    var prefix: [TokenID] = []
    /// Special tokens behind a text.
    var suffix: [TokenID] = []
    var decoder: [TokenDecoderStage] = [.spaced]
    var roles = TokenRoles()

    /// Whether some step treats the very beginning of a text another way than other beginnings.
    var marksStartOnly: Bool {
        steps.contains { step in
            if case .metaspace(let metaspace) = step { metaspace.prefix == .first } else { false }
        }
    }

    /// As `Tokenizer` has it: what a model that keeps every byte can take at once.
    var longestTokenBytes: Int? {
        guard case .bpe(let bpe) = model, bpe.keepsEveryByte, steps.allSatisfy(\.keepsEveryCharacter),
            !addedTokens.contains(where: { $0.stripsLeft || $0.stripsRight })
        else { return nil }
        let shrinkage = normalizer.map(\.shrinkage) ?? 1
        guard let shrinkage else { return nil }
        let longest = addedTokens.reduce(table.longest) { max($0, $1.content.count) }
        return max(1, longest) * shrinkage
    }
}

/// The tokens with a role.
struct TokenRoles: Sendable {
    var bos: TokenID?
    var eos: TokenID?
    var padding: TokenID?
    var unknown: TokenID?
    var endOfGeneration: Set<TokenID> = []
}

extension PreTokenizerStep {
    /// Whether no part of a text is dropped.
    var keepsEveryCharacter: Bool {
        switch self {
        case .split(.stages, _, _), .byteLevel, .metaspace, .fixedLength: true
        case .split(_, let behavior, _), .punctuation(let behavior): behavior != .removed
        case .digits: true
        case .words, .whitespace, .bert, .delimiter: false
        }
    }
}

extension [TokenDecoderStage] {
    /// The bytes of a text that a token behind others contributes, in which bytes are bytes whatever they make.
    func contribution(of token: [UInt8]) -> [UInt8] {
        var text = token
        for stage in self {
            switch stage {
            case .byteLevel: text = DecoderState.bytes(ofSpelled: text)
            case .byteFallback: text = BytePiece.byte(text[...]).map { [$0] } ?? text
            case .replace(let key, let content): text = DecoderState.replaced(text, key, content)
            case .metaspace(let mark, _): text = DecoderState.replaced(text, mark, [0x20])
            case .wordPiece(let prefix, let cleansUp):
                text = text.starts(with: prefix) ? [UInt8](text.dropFirst(prefix.count)) : [0x20] + text
                if cleansUp { text = CleanUp.wordPiece(text) }
            case .wordEnd(let suffix): text = DecoderState.replaced(text, suffix, [0x20])
            case .collapse(let padding, let delimiter, _):
                text = DecoderState.replaced(DecoderState.replaced(text, padding, []), delimiter, [0x20])
            case .spaced: text = [0x20] + text
            case .whole(let key, let content): text = text == key ? content : text
            case .bytes, .firstMark, .fuse, .strip: break
            }
        }
        return text
    }
}
