import OrderedJSON
import Testing
import Tokenization

/// Ids and texts of vocabularies of all kinds, against the libraries that they are made for.
@Suite struct VocabularyTests {
    @Test func thereAreVocabulariesOfEveryKind() {
        #expect(VocabularyFixture.committed.count >= 40)
        let kinds = VocabularyFixture.committed.compactMap {
            $0.expected.member("tokenizer.json")["model"]?.member("type").text
        }
        #expect(Set(kinds) == ["BPE", "Unigram", "WordPiece", "WordLevel"])
    }

    @Test(arguments: VocabularyFixture.names)
    func idsAreThoseOfTheReference(name: String) throws {
        let fixture = try VocabularyFixture.named(name)
        let tokenizer = try Tokenizer(fixture.files)
        let parses = fixture.files.tokenizer != nil
        let texts = fixture.expected.member("texts").elements
        try #require(texts.count > 20)
        for (text, ids) in zip(texts, fixture.expected.member("ids").elements) {
            let found = tokenizer.encode(text.textBytes, addSpecialTokens: false, parseSpecialTokens: parses)
            #expect(found == ids.ids, "\(text.text.debugDescription)")
        }
        for (text, ids) in zip(texts, fixture.expected.member("withoutSpecial").elements) {
            let found = tokenizer.encode(text.textBytes, addSpecialTokens: false, parseSpecialTokens: false)
            #expect(found == ids.ids, "\(text.text.debugDescription)")
        }
        let framed = tokenizer.encode("a", addSpecialTokens: true, parseSpecialTokens: false)
        #expect(framed == fixture.expected.member("template").ids)
    }

    @Test(arguments: VocabularyFixture.names)
    func textsAreThoseOfTheReferenceWholeAndInStreams(name: String) throws {
        let fixture = try VocabularyFixture.named(name)
        let tokenizer = try Tokenizer(fixture.files)
        let lists = fixture.expected.member("lists").elements.map(\.ids)
        try #require(lists.count > 20)
        for (key, skips) in [("decoded", true), ("decodedWhole", false)] {
            for (ids, text) in zip(lists, fixture.expected.member(key).elements) {
                #expect(Array(tokenizer.decode(ids, skipSpecialTokens: skips).utf8) == text.textBytes, "\(ids)")
                var stream = IncrementalDetokenizer(tokenizer: tokenizer, skipSpecialTokens: skips)
                var streamed = ids.map { stream.append($0) }.joined()
                streamed += stream.finish()
                #expect(Array(streamed.utf8) == text.textBytes, "\(ids)")
            }
        }
    }

    @Test(arguments: VocabularyFixture.committed.map(\.name))
    func tokensBehindOthersHaveTheBytesThatTheyAddToAText(name: String) throws {
        let fixture = try VocabularyFixture.named(name)
        let tokenizer = try Tokenizer(fixture.files)
        for list in fixture.expected.member("ids").elements.map(\.ids).prefix(20) {
            let bytes = list.flatMap { tokenizer.bytes(of: $0, skipSpecialTokens: false) }
            let whole = tokenizer.decode(list, skipSpecialTokens: false)
            // A text's beginning, and what is cleaned up or ends it, is another matter.
            if fixture.keepsSpaces, String(validating: bytes, as: UTF8.self) != nil {
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(text == whole || text == " " + whole, "\(list)")
            }
        }
    }
}

extension VocabularyFixture {
    /// Whether a text is no more than its tokens' bytes, but for its beginning.
    fileprivate var keepsSpaces: Bool {
        !["sp-", "bert", "electra", "word", "ctc", "openai", "albert", "clip"].contains { name.hasPrefix($0) }
    }
}
