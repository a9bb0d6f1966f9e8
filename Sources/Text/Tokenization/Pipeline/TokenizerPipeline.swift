/// A tokenizer by the rules of the `tokenizers` library: added tokens are cut out, the rest is normalized, cut into
/// words and made pieces by the model; a template puts special tokens around it.
final class TokenizerPipeline: TokenizerRules {
    let vocabularySize: Int
    let bos: TokenID?
    let eos: TokenID?
    let padding: TokenID?
    let unknown: TokenID?
    let endOfGeneration: Set<TokenID>
    let longestTokenBytes: Int?
    private let parts: PipelineParts
    private let table: PieceTable
    private let added: [TokenID: AddedToken]
    /// What decoders are given for tokens that are looked for in the normalized text: what they are looked for by.
    private let shown: [TokenID: [UInt8]]
    private let addedByText: [[UInt8]: TokenID]
    /// Finds tokens in the text as it was given.
    private let rawCutter: AddedTokenCutter
    /// Finds tokens in the normalized text.
    private let normalizedCutter: AddedTokenCutter
    /// Whether special tokens are looked for in the normalized text, which makes its origins interesting.
    private let findsSpecialWhenNormalized: Bool

    var addsBOS: Bool { bos != nil && parts.prefix.first == bos }
    var addsEOS: Bool { eos != nil && parts.suffix.last == eos }

    init(_ parts: PipelineParts) {
        self.parts = parts
        table = parts.table
        let lastAdded = parts.addedTokens.map { Int($0.id) }.max() ?? -1
        vocabularySize = max(parts.table.count, lastAdded + 1)
        bos = parts.roles.bos
        eos = parts.roles.eos
        padding = parts.roles.padding
        unknown = parts.roles.unknown
        endOfGeneration = parts.roles.endOfGeneration
        added = Dictionary(parts.addedTokens.map { ($0.id, $0) }) { $1 }
        addedByText = Dictionary(parts.addedTokens.map { ($0.content, $0.id) }) { $1 }
        let (normalized, raw) = (
            parts.addedTokens.filter(\.isNormalized), parts.addedTokens.filter { !$0.isNormalized }
        )
        rawCutter = AddedTokenCutter(raw, contents: raw.map(\.content))
        var poll = CancellationPoll { false }
        let contents = normalized.map { token in
            guard parts.normalizesTokens, let normalizer = parts.normalizer else { return token.content }
            return normalizer.normalize(NormalizedText(bytes: token.content, origins: nil), &poll).bytes
        }
        normalizedCutter = AddedTokenCutter(normalized, contents: contents)
        shown = Dictionary(zip(normalized.map(\.id), contents)) { $1 }
        findsSpecialWhenNormalized = normalized.contains(where: \.isSpecial)
        longestTokenBytes = parts.longestTokenBytes
    }

    // MARK: Encoding

    func encode(
        _ text: [UInt8],
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>],
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        let (text, plainRanges) = ValidText.repaired(text, plainRanges)
        let plain = PlainRanges(plainRanges)
        if addSpecialTokens { output.append(contentsOf: parts.prefix) }
        let sections = rawCutter.cut(text, &poll) { range in parseSpecialTokens && !plain.touch(range) }
        for section in sections {
            if poll.hasToStop(after: 1) { return }
            switch section {
            case .token(let id): output.append(id)
            case .text(let range):
                encode(text, range, parseSpecialTokens: parseSpecialTokens, plain, into: &output, &poll)
            }
        }
        if addSpecialTokens { output.append(contentsOf: parts.suffix) }
    }

    /// Appends the ids of a stretch between tokens that were found in the text as it was given.
    private func encode(
        _ text: [UInt8],
        _ range: Range<Int>,
        parseSpecialTokens: Bool,
        _ plain: PlainRanges,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        let isFirst = range.lowerBound == 0
        let needsOrigins =
            (findsSpecialWhenNormalized && parseSpecialTokens && !plain.isEmpty)
            || (isFirst && parts.marksStartOnly && parts.normalizer != nil)
        var section = NormalizedText(bytes: Array(text[range]), origins: nil)
        if needsOrigins { section.origins = range.map { Int32(truncatingIfNeeded: $0) } }
        if let normalizer = parts.normalizer { section = normalizer.normalize(section, &poll) }
        let pieces = normalizedCutter.cut(section.bytes, &poll) { range in
            guard parseSpecialTokens else { return false }
            guard let origins = section.origins else { return true }
            return !range.contains { plain.touch(Int(origins[$0])..<Int(origins[$0]) + 1) }
        }
        for piece in pieces {
            if poll.hasToStop(after: 1) { return }
            switch piece {
            case .token(let id): output.append(id)
            case .text(let part):
                // What is left when the very beginning was dropped isn't the beginning.
                let isAtStart = isFirst && part.lowerBound == 0 && section.origins?.first ?? 0 == 0
                encodePlain(Array(section.bytes[part]), isAtStart: isAtStart, into: &output, &poll)
            }
        }
    }

    /// Appends the ids of a normalized text without added tokens.
    private func encodePlain(
        _ text: [UInt8],
        isAtStart: Bool,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        var scratch = SymbolMerger()
        if parts.steps.isEmpty {
            text.withUnsafeBufferPointer { text in
                parts.model.encode(text, 0..<text.count, table, &scratch, into: &output, &poll)
            }
            return
        }
        var split = SplitText(text)
        for step in parts.steps {
            if poll.hasToStop(after: text.count) { return }
            step.apply(to: &split, isAtStart: isAtStart, &poll)
        }
        split.points.bytes.withUnsafeBufferPointer { bytes in
            for piece in split.pieces {
                let word = split.bytes(of: piece)
                if poll.hasToStop(after: word.count) { return }
                parts.model.encode(bytes, word, table, &scratch, into: &output, &poll)
            }
        }
    }

    // MARK: Decoding

    func decode(_ ids: [TokenID], skipSpecialTokens: Bool) -> String {
        var stream = textStream(skipSpecialTokens: skipSpecialTokens, isAtStart: true)
        var text = ""
        for id in ids { text += stream.append(id) }
        return text + stream.finish()
    }

    func textStream(skipSpecialTokens: Bool, isAtStart: Bool) -> any TokenTextStream {
        PipelineTextStream(
            pipeline: self,
            chain: DecoderChain(parts.decoder, isAtStart: isAtStart),
            skipSpecialTokens: skipSpecialTokens,
        )
    }

    /// What the decoder is given for a token; `nil` for ids that aren't there and for special ones when skipped.
    func text(of id: TokenID, skipSpecialTokens: Bool) -> [UInt8]? {
        guard let token = added[id] else { return piece(of: id) }
        if token.isSpecial { return skipSpecialTokens ? nil : token.content }
        return shown[id] ?? token.content
    }

    func bytes(of id: TokenID, skipSpecialTokens: Bool) -> [UInt8] {
        guard let text = text(of: id, skipSpecialTokens: skipSpecialTokens) else { return [] }
        return parts.decoder.contribution(of: text)
    }

    func isSpecial(_ id: TokenID) -> Bool { added[id]?.isSpecial ?? false }

    func piece(of id: TokenID) -> [UInt8]? {
        if let token = added[id] { return token.content }
        guard id >= 0, Int(id) < table.count else { return nil }
        let piece = table.runs[Int(id)]
        return piece.isEmpty ? nil : Array(piece)
    }

    func id(ofPiece piece: [UInt8]) -> TokenID? {
        if let id = addedByText[piece] { return id }
        let id = table.id(piece)
        return id < 0 ? nil : id
    }
}

/// A pipeline's decoder on its way through a stream.
private struct PipelineTextStream: TokenTextStream {
    let pipeline: TokenizerPipeline
    var chain: DecoderChain
    let skipSpecialTokens: Bool

    mutating func append(_ id: TokenID) -> String {
        guard let text = pipeline.text(of: id, skipSpecialTokens: skipSpecialTokens) else { return "" }
        return String(decoding: chain.append(text), as: UTF8.self)
    }

    mutating func finish() -> String { String(decoding: chain.finish(), as: UTF8.self) }
}
