/// Makes a pipeline of a SentencePiece model, with SentencePiece's results.
enum SentencePieceReader {
    /// - Throws: `TokenizerError` naming what in the file is impossible or not supported.
    static func parts(
        _ bytes: [UInt8],
        _ configuration: TokenizerConfiguration,
    ) throws(TokenizerError) -> PipelineParts {
        let file = try SentencePieceFile(bytes)
        let table = try PieceTable(file.pieces, .lenient)
        let hasBytes = file.kinds.contains(.byte)
        let unknown = try role(0, "unk_id", file)
        let model: PieceModel
        switch file.algorithm {
        case .bpe:
            let description = TokenizerDescription(
                model: .sentencePieceBPE,
                pieces: [],
                scores: file.scores,
            )
            let attributes = file.kinds.map { TokenAttributes($0) }
            model = .sentencePieceBPE(
                SentencePieceBPE(description, table, attributes, unknown, joinsUnknown: !hasBytes)
            )
        case .unigram:
            model = .unigram(UnigramPieces(table, file, unknown: unknown, fallsBackToBytes: hasBytes))
        }
        var parts = PipelineParts(table: table, model: model)
        parts.normalizer = .sentencePiece(try SentencePieceNormalizer(file))
        parts.normalizesTokens = false
        for (id, kind) in file.kinds.enumerated() {
            let isCut = kind == .control || (kind == .userDefined && file.algorithm == .bpe)
            if !isCut || file.pieces[id].isEmpty { continue }
            parts.addedTokens.append(
                AddedToken(
                    content: file.pieces[id],
                    id: TokenID(id),
                    isSpecial: kind == .control,
                    isNormalized: kind != .control,
                )
            )
        }
        parts.decoder = decoder(file, unknown)
        parts.roles = TokenRoles(
            bos: try role(1, "bos_id", file),
            eos: try role(2, "eos_id", file),
            padding: try role(3, "pad_id", file),
            unknown: unknown,
        )
        parts.prefix = parts.roles.bos.map { [$0] } ?? []
        if let eos = parts.roles.eos { parts.roles.endOfGeneration = [eos] }
        var list = AddedTokenList(table, parts.addedTokens)
        for token in configuration.addedTokens { try list.add(token) }
        parts.addedTokens = list.tokens
        configuration.complete(&parts)
        try configuration.frame(&parts)
        return parts
    }

    private static func role(_ index: Int, _ field: String, _ file: SentencePieceFile) throws(TokenizerError)
        -> TokenID?
    {
        let id = file.roles[index]
        if id < 0 { return nil }
        if Int(id) >= file.pieces.count {
            // Defaults may name pieces that small models don't have.
            return nil
        }
        return id
    }

    private static func decoder(_ file: SentencePieceFile, _ unknown: TokenID?) -> [TokenDecoderStage] {
        var stages: [TokenDecoderStage] = []
        if file.addsSpacePrefix || file.removesExtraSpaces {
            stages.append(.firstMark(SpaceMark.bytes, repeats: file.removesExtraSpaces))
        }
        if let unknown { stages.append(.whole(file.pieces[Int(unknown)], becomes: file.unknownSurface)) }
        stages += [.replace(SpaceMark.bytes, with: [0x20]), .byteFallback(needsWholeRuns: false)]
        return stages
    }
}

extension UnigramPieces {
    /// SentencePiece's own way: made pieces always win, sums are rounded to 32 bits.
    init(_ table: PieceTable, _ file: SentencePieceFile, unknown: TokenID?, fallsBackToBytes: Bool) {
        let normal = file.scores.indices.filter { file.kinds[$0] == .normal }.map { file.scores[$0] }
        let (lowest, highest) = (normal.min() ?? 0, normal.max() ?? 0)
        var trie = ByteTrie(expectedNodes: table.runs.bytes.count / 2)
        let scores = file.pieces.indices.map { id in
            let isUser = file.kinds[id] == .userDefined
            if isUser || file.kinds[id] == .normal { trie.insert(table.runs[id], value: TokenID(id)) }
            return isUser
                ? Double(Float(table.runs[id].count) * highest) - 0.1 : Double(file.scores[id])
        }
        self.init(
            lattice: UnigramLattice(
                trie: trie,
                scores: scores,
                unknown: unknown ?? -1,
                unknownScore: Double(lowest - 10),
                roundsSums: true,
            ),
            unknown: unknown,
            fallbackBytes: fallsBackToBytes ? (0..<256).map { table.id(BytePiece.name(UInt8($0))) } : [],
        )
    }
}
