import Testing
import Tokenization

@Suite struct ModelTests {
    @Test func mergesGoByRankThenFromTheLeft() throws {
        let tokenizer = try Tokenizer(Fixture.byteLevel(merges: ["b c", "a b", "a a", "ab c", "aa a"]))
        func ids(_ text: String) -> [TokenID] {
            tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
        }
        #expect(ids("abc") == [0x61, 256])
        #expect(ids("ab") == [257])
        #expect(ids("aaa") == [260])
        #expect(ids("aaaa") == [258, 258])
        #expect(ids("aaaaa") == [258, 260])
    }

    /// Long words take another way through the merger than short ones; both must agree.
    @Test func longAndShortWordsMergeAlike() throws {
        let merges = ["a b", "b a", "ab ab", "a a", "b b", "aa b", "ab b", "abab a", "bb aa"]
        let tokenizer = try Tokenizer(Fixture.byteLevel(merges: merges))
        let rank = Dictionary(uniqueKeysWithValues: merges.enumerated().map { ($1, $0) })
        var generator = SeededGenerator(seed: 9)
        for length in [2, 23, 24, 25, 26, 60, 200] {
            for _ in 0..<20 {
                let text = String((0..<length).map { _ in Bool.random(using: &generator) ? "a" : "b" })
                var parts = text.map(String.init)
                while let best = (0..<parts.count - 1).filter({ rank["\(parts[$0]) \(parts[$0 + 1])"] != nil })
                    .min(by: {
                        rank["\(parts[$0]) \(parts[$0 + 1])", default: 0]
                            < rank["\(parts[$1]) \(parts[$1 + 1])", default: 0]
                    })
                {
                    parts.replaceSubrange(best...best + 1, with: [parts[best] + parts[best + 1]])
                    if parts.count == 1 { break }
                }
                let ids = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
                #expect(ids == parts.compactMap { tokenizer.id(ofPiece: Array($0.utf8)) })
            }
        }
    }

    /// A pair whose right half was joined to something else has lost its turn: "a b" went before "bc x" but is gone.
    @Test(arguments: [1, 20])
    func outdatedPairsAreNotMerged(repeats: Int) throws {
        let tokenizer = try Tokenizer(Fixture.byteLevel(merges: ["b c", "a b", "bc x", "a bc"]))
        let text = String(repeating: "abcx", count: repeats)
        let ids = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
        #expect(ids == (0..<repeats).flatMap { _ in [0x61, 258] as [TokenID] })
    }

    @Test func wholeWordsComeFirstOnlyWhereMergesAreIgnored() throws {
        var description = Fixture.byteLevel(merges: ["a b"])
        description.pieces.append(Array("abc".utf8))
        description.kinds.append(.normal)
        for (name, expected) in [("qwen2", [256, 0x63]), ("llama-bpe", [257] as [TokenID])] {
            description.preTokenizer = name
            let tokenizer = try Tokenizer(description)
            #expect(tokenizer.encode("abc", addSpecialTokens: false, parseSpecialTokens: false) == expected)
        }
    }

    @Test func scoresDecideWhatIsJoinedFirst() throws {
        let pieces: [(String, Float)] = [("a", -9), ("b", -9), ("c", -9), ("ab", -2), ("bc", -1), ("abc", -0.5)]
        let tokenizer = try Tokenizer(Fixture.sentencePiece(pieces, addSpacePrefix: false))
        // "bc" is better than "ab", and "abc" is then reached from "a" and "bc".
        #expect(tokenizer.encode("abc", addSpecialTokens: false, parseSpecialTokens: false) == [264])
        #expect(tokenizer.encode("abab", addSpecialTokens: false, parseSpecialTokens: false) == [262, 262])
        #expect(tokenizer.encode("é", addSpecialTokens: false, parseSpecialTokens: false) == [3 + 0xC3, 3 + 0xA9])
    }

    @Test func aMarkInsideAPieceJoinsWordsToo() throws {
        let pieces: [(String, Float)] = [("\u{2581}", -5), ("a", -5), ("a\u{2581}", -1), ("\u{2581}b", -2), ("b", -5)]
        let tokenizer = try Tokenizer(Fixture.sentencePiece(pieces, addSpacePrefix: false))
        #expect(tokenizer.encode("a b", addSpecialTokens: false, parseSpecialTokens: false) == [261, 263])
        #expect(tokenizer.encode("b b", addSpecialTokens: false, parseSpecialTokens: false) == [263, 262])
    }

    @Test func spacePrefixFollowsTheStartAndEveryCutOutToken() throws {
        let pieces: [(String, Float)] = [("\u{2581}", -5), ("a", -5), ("\u{2581}a", -1)]
        let description = Fixture.sentencePiece(pieces, userDefined: ["<x>"])
        let tokenizer = try Tokenizer(description)
        #expect(tokenizer.encode("a<x>a", addSpecialTokens: false, parseSpecialTokens: false) == [261, 262, 261])
        #expect(tokenizer.encode("a<s>a", addSpecialTokens: true, parseSpecialTokens: true) == [1, 261, 1, 261])
        #expect(tokenizer.encode(" a", addSpecialTokens: false, parseSpecialTokens: false) == [259, 261])
    }

    @Test func unigramTakesTheBestSumAndOneUnknownPerRun() throws {
        let pieces: [(String, Float)] = [("a", -1), ("b", -1), ("ab", -2.5), ("abc", -1), ("c", -9)]
        let tokenizer = try Tokenizer(Fixture.sentencePiece(pieces, model: .unigram, addSpacePrefix: false))
        func ids(_ text: String) -> [TokenID] {
            tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
        }
        #expect(ids("ab") == [259, 260])
        #expect(ids("abc") == [262])
        #expect(ids("a日本b") == [259, 0, 260])
        #expect(ids("日a日") == [0, 259, 0])
    }

    @Test func plainTextMergesFallBackToByteTokens() throws {
        var description = Fixture.sentencePiece([("a", 0), ("\u{2581}", 0), ("\u{2581}a", 0), ("\n\n", 0), ("\n", 0)])
        description.model = .byteLevelBPE
        description.preTokenizer = "gemma4"
        description.merges = [Array("\u{2581} a".utf8)]
        let tokenizer = try Tokenizer(description)
        #expect(tokenizer.encode("a a", addSpecialTokens: true, parseSpecialTokens: false) == [1, 259, 261])
        #expect(tokenizer.encode("\n\na\n", addSpecialTokens: false, parseSpecialTokens: false) == [262, 259, 263])
        let accent = tokenizer.encode("é", addSpecialTokens: false, parseSpecialTokens: false)
        #expect(accent == [3 + 0xC3, 3 + 0xA9])
        #expect(Array(tokenizer.decode(accent, skipSpecialTokens: true).utf8) == Array("é".utf8))
    }
}
