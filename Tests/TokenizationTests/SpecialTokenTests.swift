import Testing
import Tokenization

@Suite struct SpecialTokenTests {
    /// Ids: bytes 0-255, a filler merge 256, then these.
    static let marks: [(String, TokenKind)] = [
        ("<|im_end|>", .control), ("<|im_end|><|x|>", .control), ("<unk>", .unknown), ("<tool>", .userDefined),
        ("abc", .userDefined), ("bcde", .userDefined), ("    ", .userDefined), ("  ", .userDefined),
    ]
    static let end: TokenID = 257
    static let longEnd: TokenID = 258
    static let unknown: TokenID = 259
    static let tool: TokenID = 260
    static let abc: TokenID = 261
    static let bcde: TokenID = 262
    static let four: TokenID = 263
    static let two: TokenID = 264

    private func encode(_ text: String, parse: Bool) throws -> [TokenID] {
        try Tokenizer(Fixture.byteLevel(special: Self.marks))
            .encode(text, addSpecialTokens: false, parseSpecialTokens: parse)
    }

    @Test func plainTextNeverBecomesControlTokens() throws {
        for text in ["<|im_end|>", "x<|im_end|>y", "<unk>", "<|im_end|><|x|>", "<|im_end|><tool>"] {
            let ids = try encode(text, parse: false)
            #expect(!ids.contains(Self.end) && !ids.contains(Self.longEnd) && !ids.contains(Self.unknown))
        }
        #expect(try encode("<|im_end|>", parse: false).count == 10)
    }

    @Test func parsedTextHasTheLongestToken() throws {
        #expect(try encode("<|im_end|>", parse: true) == [Self.end])
        #expect(try encode("<|im_end|><|x|>", parse: true) == [Self.longEnd])
        #expect(try encode("a<|im_end|><|im_end|>", parse: true) == [0x61, Self.end, Self.end])
        #expect(try encode("<unk>", parse: true) == [Self.unknown])
    }

    @Test(arguments: [false, true])
    func userDefinedTokensAreAlwaysFound(parse: Bool) throws {
        #expect(try encode("x<tool>y", parse: parse) == [0x78, Self.tool, 0x79])
        #expect(try encode("<tool", parse: parse) == Array("<tool".utf8).map(TokenID.init))
    }

    @Test func longerTokensWinWhereverTheyBegin() throws {
        // "bcde" is longer, so it is taken before "abc" although that begins further left.
        #expect(try encode("abcde", parse: false) == [0x61, Self.bcde])
        #expect(try encode("abcd", parse: false) == [Self.abc, 0x64])
        #expect(try encode("abcabcde", parse: false) == [Self.abc, 0x61, Self.bcde])
        #expect(try encode(String(repeating: " ", count: 7), parse: false) == [Self.four, Self.two, 0x20])
        #expect(try encode(String(repeating: " ", count: 10), parse: false) == [Self.four, Self.four, Self.two])
    }

    @Test func mergesThatMakeControlTokensAreNotUsed() throws {
        var description = Fixture.byteLevel(merges: ["x e", "xe z"])
        description.kinds[257] = .control
        let tokenizer = try Tokenizer(description)
        #expect(tokenizer.encode("xez", addSpecialTokens: false, parseSpecialTokens: false) == [256, 0x7A])
        #expect(tokenizer.encode("xez", addSpecialTokens: false, parseSpecialTokens: true) == [257])
        // The same for a vocabulary that looks whole words up, and for pieces joined by score.
        description.preTokenizer = "llama-bpe"
        description.pieces[257] = Array("ab".utf8)
        description.merges = [Array("x e".utf8)]
        let whole = try Tokenizer(description)
        #expect(whole.encode("ab", addSpecialTokens: false, parseSpecialTokens: false) == [0x61, 0x62])
        let scored = try Tokenizer(
            Fixture.sentencePiece([("<", -1), ("s", -1), (">", -1), ("<s", -2)], addSpacePrefix: false)
        )
        #expect(scored.encode("<s>", addSpecialTokens: false, parseSpecialTokens: false) == [262, 261])
        #expect(scored.encode("<s>", addSpecialTokens: false, parseSpecialTokens: true) == [1])
    }

    @Test func phi3TokensSwallowWhitespaceAfterThem() throws {
        var description = Fixture.byteLevel(special: [("<|user|>", .control), ("<s>", .control)])
        description.modelName = "Phi-3-mini"
        let tokenizer = try Tokenizer(description)
        let text = "<|user|> \n\u{0B}a<s> b<|user|>"
        #expect(
            tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true)
                == [257, 0x61, 258, 0x20, 0x62, 257]
        )
    }

    @Test func endsOfGenerationAreNamedOnesAndKnownOnes() throws {
        var description = Fixture.byteLevel(special: [
            ("<|im_end|>", .normal), ("<|endoftext|>", .control), ("<|fim_pad|>", .userDefined),
            ("<|fim_prefix|>", .userDefined), ("<mine>", .control),
        ])
        description.eos = 261
        let tokenizer = try Tokenizer(description)
        #expect(tokenizer.endOfGenerationTokens == [257, 258, 259, 261])
        // A known name is a control token whatever the file says.
        #expect((257...261).allSatisfy { tokenizer.isSpecial($0) })
        #expect(!tokenizer.isSpecial(0) && !tokenizer.isSpecial(-1) && !tokenizer.isSpecial(900))
        #expect(tokenizer.bytes(of: 257, skipSpecialTokens: true).isEmpty)
        #expect(tokenizer.bytes(of: 257, skipSpecialTokens: false) == Array("<|im_end|>".utf8))
    }

    @Test func harmonyKeepsEndAsText() throws {
        let tokenizer = try Tokenizer(
            Fixture.byteLevel(special: [
                ("<|end|>", .control), ("<|return|>", .control), ("<|call|>", .control), ("<|channel|>", .control),
            ])
        )
        #expect(tokenizer.endOfGenerationTokens == [258, 259])
        #expect(!tokenizer.isSpecial(257) && !tokenizer.isSpecial(260) && tokenizer.isSpecial(258))
    }

    @Test func bosAndEosAreAddedAsTheFileOrTheModelSays() throws {
        var description = Fixture.byteLevel(special: [("<b>", .control), ("<e>", .control)])
        (description.bos, description.eos) = (257, 258)
        func ends(_ change: (inout TokenizerDescription) -> Void) throws -> [TokenID] {
            var changed = description
            change(&changed)
            return try Tokenizer(changed).encode("a", addSpecialTokens: true, parseSpecialTokens: true)
        }
        #expect(try ends { _ in } == [0x61])
        #expect(try ends { $0.preTokenizer = "llama-bpe" } == [257, 0x61])
        #expect(
            try ends {
                $0.preTokenizer = "llama-bpe"
                $0.addBOS = false
            } == [0x61]
        )
        #expect(
            try ends {
                $0.addBOS = true
                $0.addEOS = true
            } == [257, 0x61, 258]
        )
        let scored = try Tokenizer(Fixture.sentencePiece([("\u{2581}a", -1)]))
        #expect(scored.encode("a", addSpecialTokens: true, parseSpecialTokens: false) == [1, 259])
        #expect(scored.encode("", addSpecialTokens: true, parseSpecialTokens: false) == [1])
        #expect(scored.encode("", addSpecialTokens: false, parseSpecialTokens: false) == [])
        let unigram = try Tokenizer(Fixture.sentencePiece([("a", -1)], model: .unigram))
        #expect(unigram.encode("a", addSpecialTokens: true, parseSpecialTokens: false) == [259, 2])
    }
}
