internal import OrderedJSON

/// Reads vocabularies of ranked bytes: Mistral's `tekken.json`, and tiktoken's lines.
enum RankedBytesReader {
    /// What `tekken.json` calls the control tokens that it doesn't list, in order.
    private static let controls = [
        "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]",
        "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[PREFIX]", "[MIDDLE]",
        "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]",
    ]

    /// - Throws: `TokenizerError` naming what in the file is missing, impossible or unknown.
    static func tekken(_ file: FileValue) throws(TokenizerError) -> PipelineParts {
        let config = try file.required("config")
        let size = try config.required("default_vocab_size").integer(in: 1...FileLimits.ids)
        let reserved = try config.required("default_num_special_tokens").integer(in: 0...size)
        let vocab = try file.required("vocab").elements()
        let count = size - reserved
        if vocab.count < count { throw file.failure("vocab has \(vocab.count) pieces, the configuration \(count)") }
        var pieces = [[UInt8]](repeating: [], count: reserved)
        for (rank, entry) in vocab.prefix(count).enumerated() {
            let field = try entry.required("token_bytes")
            guard let bytes = Base64.decode(try field.bytes()), !bytes.isEmpty else {
                throw field.failure("not base64")
            }
            _ = try entry.required("rank").integer(in: rank...rank)
            pieces.append(bytes)
        }
        var parts = try parts(pieces, firstRank: reserved, try config.required("pattern"))
        parts.addedTokens = try tekkenControls(file, reserved)
        func id(_ text: String) -> TokenID? { parts.addedTokens.first { $0.content == Array(text.utf8) }?.id }
        parts.roles = TokenRoles(bos: id("<s>"), eos: id("</s>"), padding: id("<pad>"), unknown: id("<unk>"))
        parts.prefix = parts.roles.bos.map { [$0] } ?? []
        if let eos = parts.roles.eos { parts.roles.endOfGeneration = [eos] }
        return parts
    }

    private static func tekkenControls(_ file: FileValue, _ reserved: Int) throws(TokenizerError) -> [AddedToken] {
        var texts: [Int: [UInt8]] = [:]
        if let listed = file["special_tokens"] {
            for entry in try listed.elements() {
                let rank = try entry.required("rank").integer(in: 0...max(0, reserved - 1))
                texts[rank] = try entry.required("token_str").bytes()
            }
        } else {
            for (rank, text) in controls.enumerated() { texts[rank] = Array(text.utf8) }
        }
        return (0..<reserved).map { rank in
            AddedToken(
                content: texts[rank] ?? Array("<SPECIAL_\(rank)>".utf8),
                id: TokenID(rank),
                isSpecial: true,
                isNormalized: false,
            )
        }
    }

    /// Lines of base64 and a rank.
    ///
    /// The file doesn't say how words are cut: `expression` does. Special tokens come from the configuration.
    ///
    /// - Throws: `TokenizerError` naming the line.
    static func tiktoken(
        _ file: [UInt8],
        named name: String,
        _ expression: String,
        _ configuration: TokenizerConfiguration,
    ) throws(TokenizerError) -> PipelineParts {
        var pieces: [[UInt8]] = []
        for (number, line) in file.split(separator: 0x0A).enumerated() {
            let fields = line.split(separator: 0x20)
            guard fields.count == 2, let bytes = Base64.decode(fields[0]), !bytes.isEmpty,
                let rank = Int(String(decoding: fields[1].filter { $0 != 0x0D }, as: UTF8.self)), rank == number
            else {
                throw .malformedFile(field: "\(name), line \(number + 1)", reason: "not base64 and the rank \(number)")
            }
            if pieces.count >= FileLimits.ids {
                throw .tooLarge(field: name, count: pieces.count + 1, limit: FileLimits.ids)
            }
            pieces.append(bytes)
        }
        let pattern = FileValue(value: .string(expression), path: name)
        var parts = try parts(pieces, firstRank: 0, pattern)
        parts.addedTokens = configuration.addedTokens
        configuration.complete(&parts)
        try configuration.frame(&parts)
        return parts
    }

    private static func parts(
        _ pieces: [[UInt8]],
        firstRank: Int,
        _ pattern: FileValue,
    ) throws(TokenizerError) -> PipelineParts {
        let expression = try PatternReader.expression(field: pattern, .perl)
        var parts = PipelineParts(
            table: try PieceTable(pieces, .lenient),
            model: .rankedBytes(RankedBytes(firstRank: TokenID(firstRank))),
        )
        parts.steps = [.split(.expression(expression), .isolated, isInverted: false)]
        parts.decoder = [.bytes]
        return parts
    }
}
