import Testing
import Tokenization

/// Texts that make careless algorithms quadratic: with one of those these tests take minutes.
@Suite struct AdversarialSizeTests {
    static func texts(_ size: Int) -> [[UInt8]] {
        ["a", " ", "\n", "ab", "1", "=", " \n", "<x>", "<", "'", "é", "\u{2581}", "🙂"].map {
            let bytes = Array($0.utf8)
            return (0..<size / bytes.count).flatMap { _ in bytes }
        } + [[UInt8](repeating: 0xFF, count: size), [UInt8](repeating: 0x20, count: size - 1) + [0x78]]
    }

    private func byteLevel(_ preTokenizer: String) throws -> Tokenizer {
        let merges = ["a a", "aa aa", "aaaa aaaa", "a b", "ab ab", "\u{120} \u{120}", "\u{10A} \u{10A}", "= ="]
        let spaces = (2...9).map { (String(repeating: " ", count: $0), TokenKind.userDefined) }
        var description = Fixture.byteLevel(
            merges: merges,
            special: spaces + [("<x>", .control), ("<bos>", .control)],
            preTokenizer: preTokenizer,
        )
        description.bos = TokenID(description.pieces.count - 1)
        return try Tokenizer(description)
    }

    @Test(arguments: ["gpt-2", "llama-bpe", "deepseek-llm", "deepseek-v3", "gpt-4o", "bloom", "jais-2"])
    func byteLevelFinishes(preTokenizer: String) throws {
        let tokenizer = try byteLevel(preTokenizer)
        for text in Self.texts(10_000) {
            let ids = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true)
            if text[0] == 0xFF {
                #expect(ids.count == text.count * 3)
            } else {
                #expect(ids.flatMap { tokenizer.bytes(of: $0, skipSpecialTokens: false) } == text)
            }
        }
    }

    @Test(arguments: [UInt8(ascii: "a"), UInt8(ascii: " ")])
    func hugeWordsAndGapsFinish(byte: UInt8) throws {
        let text = [UInt8](repeating: byte, count: 100_000)
        let ids = try byteLevel("gpt-2").encode(text, addSpecialTokens: false, parseSpecialTokens: false)
        #expect(ids.count == (byte == UInt8(ascii: "a") ? 12_500 : 11_112))
    }

    @Test func endlessWhiteSpaceThatIsCutIsLookedThroughOnce() throws {
        let text = [UInt8](repeating: 0x20, count: 2_000_000)
        let words = try PreTokenizer(named: "jais-2").words(of: text)
        #expect(words.count == 2_000_000 / 512 + 1)
        #expect(words.allSatisfy { $0.count == 512 || $0.count == 128 })
        let lines = try PreTokenizer(named: "jais-2").words(
            of: Array((" \n" + String(repeating: " ", count: 600) + "x").utf8)
        )
        #expect(lines.map(\.count) == [2, 512, 64, 16, 4, 2, 1, 2])
    }

    @Test(arguments: [TokenizerModel.sentencePieceBPE, .unigram])
    func sentencePieceFinishes(model: TokenizerModel) throws {
        let long = (1...40).map { (String(repeating: "a", count: $0), -Float($0)) }
        let marks = (1...20).map { (String(repeating: "\u{2581}", count: $0), -Float($0)) }
        let spaces = (2...9).map { String(repeating: " ", count: $0) }
        let tokenizer = try Tokenizer(
            Fixture.sentencePiece(long + marks + [("ab", -1), ("1", -1), ("=", -1)], userDefined: spaces, model: model)
        )
        for text in Self.texts(10_000) {
            #expect(!tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true).isEmpty)
        }
    }
}
