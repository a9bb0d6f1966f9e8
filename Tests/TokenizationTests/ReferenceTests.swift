import OrderedJSON
import Testing
import Tokenization

/// Ids and texts against the libraries that made the vocabularies.
@Suite struct ReferenceTests {
    @Test(arguments: ["gpt-2", "llama-bpe", "qwen2"])
    func byteLevelIdsAreThoseOfTheReference(preTokenizer: String) throws {
        let fixture = try Fixture.read("byte-level.json")
        let tokenizer = try Tokenizer(
            TokenizerDescription(
                model: .byteLevelBPE,
                pieces: fixture.member("pieces").elements.map(\.textBytes),
                merges: fixture.member("merges").elements.map(\.textBytes),
                preTokenizer: preTokenizer,
                addBOS: false,
            )
        )
        let texts = fixture.member("texts").elements
        let expected = fixture.member("ids").member(preTokenizer).elements
        try #require(texts.count == expected.count && texts.count > 50)
        for (text, ids) in zip(texts, expected) {
            let found = tokenizer.encode(text.textBytes, addSpecialTokens: false, parseSpecialTokens: false)
            #expect(found == ids.ids, "\(text.text.debugDescription)")
            #expect(Array(tokenizer.decode(found, skipSpecialTokens: true).utf8) == text.textBytes)
        }
    }

    @Test(arguments: [("bpe", TokenizerModel.sentencePieceBPE), ("unigram", .unigram)])
    func sentencePieceIdsAreThoseOfTheReference(name: String, model: TokenizerModel) throws {
        let fixture = try Fixture.read("sentencepiece.json").member(name)
        let tokenizer = try Tokenizer(
            TokenizerDescription(
                model: model,
                pieces: fixture.member("pieces").elements.map(\.textBytes),
                scores: fixture.member("scores").elements.map { Float($0.real) },
                kinds: fixture.member("kinds").elements.map { TokenKind(rawValue: Int32($0.whole)) ?? .undefined },
                unknown: 0,
                addSpacePrefix: true,
                removeExtraWhitespaces: model == .unigram,
                precompiledCharsmap: fixture.member("charsmap").elements.map { UInt8($0.whole) },
            )
        )
        let texts = fixture.member("texts").elements
        let expected = fixture.member("ids").elements
        try #require(texts.count == expected.count && texts.count > 30)
        for (text, ids) in zip(texts, expected) {
            let found = tokenizer.encode(text.textBytes, addSpecialTokens: false, parseSpecialTokens: false)
            #expect(found == ids.ids, "\(text.text.debugDescription)")
        }
    }
}
