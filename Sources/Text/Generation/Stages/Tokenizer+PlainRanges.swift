internal import Tokenization

extension Tokenizer {
    /// The ids of a text in parts of which control tokens aren't looked for.
    func encode(
        _ text: [UInt8],
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>],
    ) -> [TokenID] {
        encode(
            text,
            addSpecialTokens: addSpecialTokens,
            parseSpecialTokens: parseSpecialTokens && plainRanges.isEmpty
        )
    }
}
