import OrderedJSON
import Testing
import Tokenization

@Suite struct PreTokenizerTests {
    static let splits = Result { try Fixture.read("splits.json") }

    @Test(
        arguments: [
            "gpt-2", "default", "smollm", "falcon", "llama-bpe", "qwen2", "qwen35", "seed-coder", "ufakzeka",
            "minicpm5", "laguna", "jais-2", "gpt-4o", "tekken", "deepseek-llm", "deepseek-coder", "deepseek-v3",
            "bloom", "viking", "gemma4",
        ]
    )
    func wordsAreThoseOfTheExpression(name: String) throws {
        let fixture = try Self.splits.get()
        let preTokenizer = try PreTokenizer(named: name)
        let texts = fixture.member("texts").elements
        let expected = fixture.member("lengths").member(name).elements
        try #require(texts.count == expected.count && texts.count > 100)
        for (text, lengths) in zip(texts, expected) {
            let words = preTokenizer.words(of: text.textBytes)
            #expect(
                words.map { String(decoding: $0, as: UTF8.self).unicodeScalars.count } == lengths.wholes,
                "\(name): \(text.text.debugDescription)",
            )
            #expect(Array(words.joined()) == text.textBytes)
        }
    }

    @Test(
        arguments: [
            ["gpt-2", "mpt", "olmo", "phi-2", "exaone4"], ["smollm", "starcoder", "refact", "command-r", "exaone"],
            ["llama-bpe", "llama3", "llama-v3", "dbrx", "smaug-bpe", "glm4", "chatglm-bpe"],
            ["qwen2", "stablelm2", "deepseek-r1-qwen", "megrez", "hunyuan"], ["default", ""],
            ["gpt-4o", "llama4"], ["deepseek-v3", "hunyuan-dense"],
        ]
    )
    func aliasesSplitAlike(names: [String]) throws {
        let text = Array("I'LL don't 12345 x=y  \n\n  été …\tHTTPServer 日本語".utf8)
        let first = try PreTokenizer(named: names[0]).words(of: text)
        for name in names.dropFirst() { #expect(try PreTokenizer(named: name).words(of: text) == first) }
    }

    @Test func unknownNameIsNamed() {
        #expect(throws: TokenizerError.unknownPreTokenizer(name: "gpt-17")) { try PreTokenizer(named: "gpt-17") }
        #expect(TokenizerError.unknownPreTokenizer(name: "gpt-17").description.contains("gpt-17"))
    }

    @Test func wrongBytesBecomeOneReplacementEach() throws {
        let words = try PreTokenizer(named: "gpt-2").words(of: [0x61, 0xE4, 0xB8, 0x20, 0xFF, 0xF4, 0x90, 0x80, 0x80])
        #expect(
            String(decoding: words.joined(), as: UTF8.self) == "a\u{FFFD}\u{FFFD} \u{FFFD}"
                + String(repeating: "\u{FFFD}", count: 4)
        )
    }
}
