import Testing
import Tokenization

/// The tokenizers of every model, over vocabularies in which long words merge.
private func tokenizers() throws -> [(name: String, tokenizer: Tokenizer)] {
    let merges = ["a a", "aa aa", "aaaa aaaa"]
    let pieces = (1...8).map { (String(repeating: "a", count: $0), -Float($0)) }
    return [
        (
            "byte level",
            try Tokenizer(Fixture.byteLevel(merges: merges, special: [("<x>", .control)], preTokenizer: "gpt-2"))
        ),
        ("SentencePiece", try Tokenizer(Fixture.sentencePiece(pieces))),
        ("unigram", try Tokenizer(Fixture.sentencePiece(pieces, model: .unigram))),
    ]
}

@Suite struct CancellationTests {
    /// Endless words, many words, and special tokens.
    @Test(arguments: ["a", "a ", "<x>", "\u{2581}"]) func encodingEndsSoonAfterItIsCancelled(unit: String) throws {
        let text = (0..<100_000 / unit.utf8.count).flatMap { _ in Array(unit.utf8) }
        for (name, tokenizer) in try tokenizers() {
            var asked = 0
            let whole = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true) {
                asked += 1
                return false
            }
            #expect(whole == tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true), "\(name)")
            #expect(asked >= 3, "\(name) asks at least once in 32 KiB")
            for last in [1, 2, asked] {
                var count = 0
                let cut = tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true) {
                    count += 1
                    return count == last
                }
                #expect(cut == nil, "\(name)")
                #expect(count == last, "\(name) doesn't go on asking")
            }
        }
    }
}

@Suite struct LongestTokenTests {
    @Test func noTextHasFewerTokensThanItsBytesAndTheLongestTokenSay() throws {
        let merges = ["a b", "ab ab", "\u{120} \u{120}", "\u{c3} \u{a9}"]
        let special = [("<control>", TokenKind.control), ("    ", .userDefined)]
        let marked: [(String, Float)] = [("\u{2581}\u{2581}", -1), ("\u{2581}a", -2), ("日本", -3)]
        let tokenizers = [
            try Tokenizer(Fixture.byteLevel(merges: merges, special: special, preTokenizer: "gpt-2")),
            try Tokenizer(Fixture.sentencePiece(marked, userDefined: ["<wide>"])),
        ]
        var random = SeededGenerator(seed: 7)
        let units = ["a", "b", " ", "é", "日本", "\u{2581}", "<control>", "<wide>", "\n", "🙂"]
        for tokenizer in tokenizers {
            let longest = try #require(tokenizer.longestTokenBytes)
            for _ in 0..<500 {
                let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                    units.randomElement(using: &random) ?? ""
                }
                .joined()
                let count = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true).count
                #expect(count * longest >= text.utf8.count, "\(text)")
            }
        }
        #expect(tokenizers[0].longestTokenBytes == 9)
        #expect(tokenizers[1].longestTokenBytes == 6)
    }

    @Test func thereIsNoBoundWhereTextIsDroppedOrSqueezed() throws {
        #expect(try Tokenizer(Fixture.sentencePiece([("a", -1)], model: .unigram)).longestTokenBytes == nil)
        var stripping = Fixture.sentencePiece([("a", -1)])
        stripping.modelName = "Phi-3 mini"
        #expect(try Tokenizer(stripping).longestTokenBytes == nil)
        var partial = Fixture.byteLevel(merges: [], special: [], preTokenizer: "gpt-2")
        partial.pieces[9] = Array("another".utf8)
        #expect(try Tokenizer(partial).longestTokenBytes == nil)
    }
}
