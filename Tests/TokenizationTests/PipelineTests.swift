import OrderedJSON
import Testing
import Tokenization

/// What pipelines promise beyond the results of the libraries that they follow.
@Suite struct PipelineTests {
    /// A tokenizer of words that lowers its text and knows a control token by its lowered name.
    private func lowering() throws -> Tokenizer {
        let file: JSONValue = [
            "normalizer": ["type": "Lowercase"],
            "pre_tokenizer": ["type": "WhitespaceSplit"],
            "model": ["type": "WordLevel", "unk_token": "?", "vocab": ["?": 0, "a": 1]],
            "added_tokens": [
                ["id": 2, "content": "<END>", "special": true, "normalized": true],
                ["id": 3, "content": "<s>", "special": true, "normalized": false],
            ],
        ]
        var files = TokenizerFiles()
        files.tokenizer = file.serialized
        files.configuration = Array(#"{"bos_token":"<s>","eos_token":"<END>"}"#.utf8)
        return try Tokenizer(files)
    }

    private func ids(_ text: String, plain: [Range<Int>]) throws -> [TokenID] {
        try lowering().encode(
            Array(text.utf8),
            addSpecialTokens: false,
            parseSpecialTokens: true,
            plainRanges: plain,
        )
    }

    @Test func controlTokensThatUsersTypedStayText() throws {
        let tokenizer = try lowering()
        let end = try #require(tokenizer.eosToken)
        let start = try #require(tokenizer.bosToken)
        #expect(try ids("a <End>a<s>a", plain: []) == [1, end, 1, start, 1])
        #expect(try ids("a <End>a<s>a", plain: [0..<12]) == [1, 0])
        #expect(try ids("a <End>a<s>a", plain: [4..<5]) == [1, 0, start, 1])
        #expect(try ids("a <End>a<s>a", plain: [0..<2, 9..<10]) == [1, end, 0])
        // A capital of three bytes is a letter of two, so that places before and after lowering differ.
        #expect(try ids("\u{2126}\u{2126} <END> <s>", plain: [0..<6]) == [0, end, start])
        #expect(try ids("\u{2126}\u{2126} <END> <s>", plain: [9..<10]) == [0, 0, start])
    }

    @Test func bytesThatAreNoTextAreReplaced() throws {
        let tokenizer = try lowering()
        let broken = [UInt8(ascii: "a"), 0x20, 0xFF, 0xC3, 0x20] + Array("<s>".utf8)
        #expect(tokenizer.encode(broken, addSpecialTokens: false, parseSpecialTokens: true) == [1, 0, 3])
        let plain = tokenizer.encode(
            broken,
            addSpecialTokens: false,
            parseSpecialTokens: true,
            plainRanges: [5..<8],
        )
        #expect(plain == [1, 0, 0])
    }

    @Test func idsBeyondTheVocabularyContributeNothing() throws {
        let tokenizer = try lowering()
        #expect(tokenizer.decode([1, 900, -1, 1], skipSpecialTokens: true) == "a a")
        #expect(tokenizer.bytes(of: 900, skipSpecialTokens: false).isEmpty)
        #expect(tokenizer.piece(of: 900) == nil && tokenizer.id(ofPiece: Array("b".utf8)) == nil)
        #expect(tokenizer.isSpecial(2) && !tokenizer.isSpecial(1) && !tokenizer.isSpecial(900))
    }

    @Test func theEndOfSequenceEndsAGeneration() throws {
        #expect(try lowering().endOfGenerationTokens == [2])
        let llama = try Tokenizer(VocabularyFixture.named("llama3").files)
        #expect(llama.endOfGenerationTokens == [try #require(llama.eosToken)])
        #expect(llama.addsBOS && !llama.addsEOS)
    }

    /// Vocabularies of every model, normalizer and way of cutting.
    static let names = [
        "llama3", "llama2", "gemma", "mistral", "deepseek-v3", "gpt4o", "clip", "openai-gpt", "t5", "albert", "xlm-r",
        "unigram-bytes", "bert-uncased", "word-level", "ctc", "sp-bpe", "sp-unigram", "tekken-ranked",
    ]

    @Test(arguments: names) func textsThatMakeCarelessAlgorithmsQuadraticFinish(name: String) throws {
        let tokenizer = try Tokenizer(VocabularyFixture.named(name).files)
        for text in AdversarialSizeTests.texts(6_000) {
            let ids = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true)
            if name == "llama3" {
                let decoded = tokenizer.decode(ids, skipSpecialTokens: false)
                #expect(decoded == String(decoding: text, as: UTF8.self))
            }
        }
    }

    @Test(arguments: names, ["a", "a ", "<s>", "\u{301}"])
    func encodingEndsSoonAfterItIsCancelled(name: String, unit: String) throws {
        let tokenizer = try Tokenizer(VocabularyFixture.named(name).files)
        let text = (0..<70_000 / unit.utf8.count).flatMap { _ in Array(unit.utf8) }
        var asked = 0
        let whole = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true) {
            asked += 1
            return false
        }
        #expect(whole != nil && asked >= 2)
        for last in [1, asked] {
            var count = 0
            let cut = tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true) {
                count += 1
                return count == last
            }
            #expect(cut == nil && count == last)
        }
    }

    @Test(arguments: ["gpt2", "llama3", "qwen2", "neox"])
    func noTextHasFewerTokensThanItsBytesAndTheLongestTokenSay(name: String) throws {
        let fixture = try VocabularyFixture.named(name)
        let tokenizer = try Tokenizer(fixture.files)
        let longest = try #require(tokenizer.longestTokenBytes)
        for text in fixture.expected.member("texts").elements.map(\.textBytes) {
            let ids = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true)
            #expect(ids.count * longest >= text.count)
        }
    }

    @Test(arguments: ["roberta", "t5", "bert-uncased", "clip"])
    func thereIsNoBoundWhereTextIsDroppedOrSqueezed(name: String) throws {
        #expect(try Tokenizer(VocabularyFixture.named(name).files).longestTokenBytes == nil)
    }
}
