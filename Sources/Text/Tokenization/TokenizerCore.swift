/// A tokenizer by llama.cpp's rules; its tables are shared by the tokenizer's copies.
final class TokenizerCore: TokenizerRules {
    let vocabulary: Vocabulary
    let addsBOS: Bool
    let addsEOS: Bool
    let addsSpacePrefix: Bool
    let longestTokenBytes: Int?
    private let model: TextModel
    private let cutter: SpecialTokenCutter

    /// - Throws: `TokenizerError` for whatever is contradictory in the description.
    init(_ description: TokenizerDescription) throws(TokenizerError) {
        var preTokenizer = PreTokenizer(stages: [])
        if description.model == .byteLevelBPE { preTokenizer = try PreTokenizer(named: description.preTokenizer) }
        let isPlainText = description.model != .byteLevelBPE || preTokenizer.isPlainText
        let vocabulary = try Vocabulary(description, isPlainText: isPlainText)
        let table = vocabulary.table
        let attributes = vocabulary.attributes
        switch description.model {
        case .byteLevelBPE:
            model = .byteLevelBPE(try ByteLevelBPE(description, preTokenizer, table, attributes))
            // Gemma 4's files deny the BOS that the model needs; llama.cpp overrules them.
            addsBOS = preTokenizer.keepsLineFeeds || description.addBOS ?? preTokenizer.addsBOS
            addsEOS = description.addEOS ?? false
            addsSpacePrefix = false
        case .sentencePieceBPE:
            model = .sentencePieceBPE(
                SentencePieceBPE(description, table, attributes, vocabulary.special.unknown),
            )
            addsBOS = description.addBOS ?? true
            addsEOS = description.addEOS ?? false
            addsSpacePrefix = description.addSpacePrefix ?? true
        case .unigram:
            addsBOS = description.addBOS ?? false
            addsEOS = description.addEOS ?? true
            addsSpacePrefix = description.addSpacePrefix ?? false
            let normalizer = UnigramNormalizer(
                charsmap: try CompiledCharsmap(description.precompiledCharsmap),
                addsSpacePrefix: description.addSpacePrefix ?? false,
                removesExtraWhitespaces: description.removeExtraWhitespaces ?? false,
                table,
                attributes,
            )
            model = .unigram(
                Unigram(
                    description,
                    table,
                    attributes,
                    unknown: vocabulary.special.unknown,
                    normalizer: normalizer,
                ),
            )
        }
        self.vocabulary = vocabulary
        longestTokenBytes = model.keepsEveryByte ? vocabulary.longestText(isPlainText: isPlainText) : nil
        cutter = SpecialTokenCutter(table, attributes)
        if description.addBOS == true, vocabulary.special.bos == nil {
            throw .missingToken(field: "bos_token_id", flag: "add_bos_token")
        }
        if description.addEOS == true, vocabulary.special.eos == nil {
            throw .missingToken(field: "eos_token_id", flag: "add_eos_token")
        }
    }

    func encode(
        _ text: [UInt8],
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>],
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        if addSpecialTokens, addsBOS, let bos { output.append(bos) }
        text.withUnsafeBufferPointer { text in
            encode(text, parseSpecialTokens: parseSpecialTokens, plainRanges: plainRanges, into: &output, &poll)
        }
        if addSpecialTokens, addsEOS, let eos { output.append(eos) }
    }

    /// Appends the ids of a text, without BOS and EOS; those of its beginning only when it is to stop.
    private func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>],
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        // At the start of a text and after a cut-out token SentencePiece puts a space.
        var isAfterToken = true
        for part in cutter.cut(text, parseSpecialTokens: parseSpecialTokens, plainRanges: plainRanges, &poll) {
            if poll.hasToStop(after: 1) { return }
            switch part {
            case .token(let id):
                output.append(id)
                isAfterToken = true
            case .text(let range):
                encodePlain(UnsafeBufferPointer(rebasing: text[range]), prefix: isAfterToken, into: &output, &poll)
                isAfterToken = false
            }
        }
    }

    private func encodePlain(
        _ text: UnsafeBufferPointer<UInt8>,
        prefix: Bool,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        switch model {
        case .byteLevelBPE(let model):
            model.encode(text, vocabulary.table, vocabulary.attributes, into: &output, &poll)
        case .sentencePieceBPE(let model):
            SpaceMark.escaping(text, prefix: addsSpacePrefix && prefix).withUnsafeBufferPointer { marked in
                model.encode(marked, vocabulary.table, into: &output, &poll)
            }
        case .unigram(let model):
            model.encode(text, into: &output, &poll)
        }
    }
}
