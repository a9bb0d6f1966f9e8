import OrderedJSON
import Testing
import Tokenization

/// Vocabularies without a `tokenizer.json`; the numbers are those of `transformers` 5.24.
@Suite struct PlainVocabularyTests {
    private static let merges = ["h e", "l l", "he ll", "Ġ w", "o r", "hell o", "Ġw or", "l d"]

    private static func gpt2(_ configuration: String = "{}") throws -> TokenizerFiles {
        var pieces = JSONObject()
        for piece in Fixture.alphabet { pieces[String(decoding: piece, as: UTF8.self)] = .integer(pieces.count) }
        for merge in merges { pieces[merge.replacing(" ", with: "")] = .integer(pieces.count) }
        pieces["<|endoftext|>"] = .integer(pieces.count)
        var files = TokenizerFiles()
        files.pieces = JSONValue.object(pieces).serialized
        files.merges = Array(("#version: 0.2\n" + merges.joined(separator: "\n") + "\n").utf8)
        files.configuration = Array(configuration.utf8)
        return files
    }

    private static func bert(_ configuration: String = "{}", lineEnd: String = "\n") -> TokenizerFiles {
        let words = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", ",", "!", "na", "##ive", "中", "文", "un",
            "##aff", "##able", "it", "'", "s",
        ]
        var files = TokenizerFiles()
        files.wordPieces = Array((words.joined(separator: lineEnd) + lineEnd).utf8)
        files.configuration = Array(configuration.utf8)
        return files
    }

    private func ids(_ files: TokenizerFiles, _ text: String) throws -> [TokenID] {
        try Tokenizer(files).encode(text, addSpecialTokens: true, parseSpecialTokens: true)
    }

    private func message(_ files: TokenizerFiles) -> String {
        do {
            _ = try Tokenizer(files)
            return ""
        } catch {
            return error.description
        }
    }

    @Test func piecesAndMergesMakeGPT2sTokenizer() throws {
        let files = try Self.gpt2()
        #expect(try ids(files, "hello world") == [261, 262, 263])
        #expect(
            try ids(files, " hello<|endoftext|>it's é🙂  12\n") == [
                32, 261, 264, 105, 116, 39, 115, 32, 195, 169, 240, 159, 153, 130, 32, 32, 49, 50, 10,
            ]
        )
        let tokenizer = try Tokenizer(files)
        #expect(tokenizer.bosToken == 264 && tokenizer.eosToken == 264 && tokenizer.isSpecial(264))
        #expect(tokenizer.decode([261, 262, 263], skipSpecialTokens: true) == "hello world")
    }

    @Test(arguments: ["\n", "\r\n"]) func aListOfPiecesMakesBERTsTokenizer(lineEnd: String) throws {
        let files = Self.bert(lineEnd: lineEnd)
        #expect(try ids(files, "hello world") == [2, 5, 6, 3])
        #expect(try ids(files, "it's [MASK] UnAffAble") == [2, 16, 17, 18, 4, 13, 14, 15, 3])
        #expect(
            try ids(files, "Hello, WORLD! naïve 中文 unaffable")
                == [2, 5, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15, 3]
        )
        let tokenizer = try Tokenizer(files)
        #expect(tokenizer.isSpecial(0) && tokenizer.isSpecial(4) && !tokenizer.isSpecial(5))
        #expect(tokenizer.decode([2, 5, 7, 6, 8, 3], skipSpecialTokens: true) == "hello, world!")
    }

    @Test func settingsCount() throws {
        #expect(try ids(Self.bert(#"{"do_lower_case":false}"#), "Hello hello") == [2, 1, 5, 3])
        #expect(try ids(try Self.gpt2(#"{"add_prefix_space":true}"#), "world") == [262, 263])
        var files = Self.bert()
        files.addedTokens = Array(#"{"new":19,"newer":20}"#.utf8)
        #expect(try ids(files, "newer new") == [2, 20, 19, 3])
    }

    @Test(arguments: [
        (#"{"tokenizer_class":"RobertaTokenizer"}"#, "vocab.json of a 'RobertaTokenizer' needs its tokenizer.json"),
        (#"{"tokenizer_class":5}"#, "tokenizer_config.json.tokenizer_class: expected a string"),
    ])
    func vocabulariesWithOtherRulesAreRefused(configuration: String, expected: String) throws {
        let found = message(try Self.gpt2(configuration))
        #expect(found.contains(expected), "\(found)")
    }

    @Test func whatIsMissingIsNamed() throws {
        var files = try Self.gpt2()
        files.pieces = Array(#"{"a":0,"<s>":1}"#.utf8)
        #expect(message(files).contains("lacks GPT-2's '<|endoftext|>'"), "\(message(files))")
        files.merges = nil
        #expect(message(files).contains("vocab.json with merges.txt"), "\(message(files))")
        files = Self.bert()
        files.wordPieces = Array("[PAD]\n[UNK]\n[SEP]\n".utf8)
        #expect(message(files).contains("vocab.txt: '[CLS]' is missing"), "\(message(files))")
        files.wordPieces = [0xFF, 0x0A]
        #expect(message(files).contains("vocab.txt: not UTF-8"), "\(message(files))")
    }
}
