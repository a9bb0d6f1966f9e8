import Testing
import Tokenization

/// Descriptions from broken or malicious files end in an error that names the place, never in a crash.
@Suite struct HostileDescriptionTests {
    private func error(_ change: (inout TokenizerDescription) -> Void) -> TokenizerError? {
        var description = Fixture.byteLevel(merges: ["a b", "ab c"], special: [("<s>", .control)])
        change(&description)
        do {
            _ = try Tokenizer(description)
            return nil
        } catch {
            return error
        }
    }

    @Test func theUnchangedDescriptionIsFine() { #expect(error { _ in } == nil) }

    @Test func noPieces() { #expect(error { $0.pieces = [] } == .emptyVocabulary) }

    @Test func countsThatDiffer() {
        #expect(error { $0.scores = [1] } == .countMismatch(field: "scores", count: 1, expected: 259))
        #expect(error { $0.kinds.removeLast() } == .countMismatch(field: "kinds", count: 258, expected: 259))
        #expect(error { $0.kinds.append(.normal) } == .countMismatch(field: "kinds", count: 260, expected: 259))
    }

    @Test func scoresThatAreNoNumbers() {
        let found = error {
            $0.scores = [Float](repeating: 0, count: 259)
            $0.scores[7] = .nan
        }
        guard case .invalidScore(7, _) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }

    @Test(arguments: [TokenID(259), -1, .max, .min])
    func idsBeyondTheVocabulary(id: TokenID) {
        func expected(_ field: String) -> TokenizerError { .idOutOfRange(field: field, id: id, vocabularySize: 259) }
        #expect(error { $0.bos = id } == expected("bos_token_id"))
        #expect(error { $0.eos = id } == expected("eos_token_id"))
        #expect(error { $0.eot = id } == expected("eot_token_id"))
        #expect(error { $0.eom = id } == expected("eom_token_id"))
        #expect(error { $0.unknown = id } == expected("unknown_token_id"))
        #expect(error { $0.padding = id } == expected("padding_token_id"))
        #expect(error { $0.fillInMiddle.separator = id } == expected("fim_sep_token_id"))
    }

    @Test func flagsWithoutTheirToken() {
        #expect(error { $0.addBOS = true } == .missingToken(field: "bos_token_id", flag: "add_bos_token"))
        #expect(error { $0.addEOS = true } == .missingToken(field: "eos_token_id", flag: "add_eos_token"))
    }

    @Test func twoTokensOfTheSameText() {
        #expect(error { $0.pieces[258] = Array("ab".utf8) } == .duplicatePiece(piece: "ab", first: 256, second: 258))
    }

    @Test func emptyPiecesGetNamesOfTheirOwn() throws {
        var description = Fixture.byteLevel()
        description.pieces += [[], []]
        description.kinds += [.normal, .normal]
        let tokenizer = try Tokenizer(description)
        #expect(tokenizer.piece(of: 257) == Array("[EMPTY_257]".utf8))
    }

    @Test(arguments: ["", " ", "a", "ab", "a ", " a"])
    func mergesThatAreNoPairs(merge: String) {
        #expect(error { $0.merges.append(Array(merge.utf8)) } == .malformedMerge(merge: merge, rank: 2))
    }

    @Test func mergesOfUnknownPieces() {
        #expect(
            error { $0.merges[1] = Array("xy c".utf8) }
                == .mergeOfUnknownPiece(merge: "xy c", rank: 1, piece: "xy")
        )
        #expect(
            error { $0.merges[1] = Array("a xy".utf8) }
                == .mergeOfUnknownPiece(merge: "a xy", rank: 1, piece: "xy")
        )
        #expect(error { $0.merges[1] = Array("b c".utf8) } == .mergeOfUnknownPiece(merge: "b c", rank: 1, piece: "bc"))
        #expect(error { $0.merges = [] } == .missingMerges)
    }

    @Test func unknownPreTokenizer() {
        #expect(error { $0.preTokenizer = "made-up" } == .unknownPreTokenizer(name: "made-up"))
    }

    @Test func byteTokensThatNameNoByte() {
        for text in ["<0xZZ>", "<0x1>", "byte", "<0x100>"] {
            let found = error {
                $0.pieces[258] = Array(text.utf8)
                $0.kinds[258] = .byte
            }
            #expect(found == .malformedBytePiece(piece: text, id: 258))
        }
    }

    @Test(arguments: [[1], [255, 255, 255, 255, 0, 0], [8, 0, 0, 0, 1, 2, 3, 4], [4, 0, 0, 0, 0, 0, 0, 0, 65]])
    func brokenNormalizationRules(block: [UInt8]) {
        var description = Fixture.sentencePiece([("a", -1)], model: .unigram)
        description.precompiledCharsmap = block
        do {
            _ = try Tokenizer(description)
            Issue.record("accepted")
        } catch {
            guard case .malformedCharsmap = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func normalizationRulesOfRandomBytesDoNoHarm() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            var description = Fixture.sentencePiece([("a", -1)], model: .unigram)
            let units = (0..<256 * 4).map { _ in UInt8.random(in: 0...255, using: &generator) }
            description.precompiledCharsmap = [0, 4, 0, 0] + units + [65, 0, 66, 0]
            let tokenizer = try Tokenizer(description)
            let text = (0..<300).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true)
        }
    }

    @Test func vocabulariesWithoutByteTokensStillEncode() throws {
        let description = TokenizerDescription(
            model: .sentencePieceBPE,
            pieces: [Array("<unk>".utf8), Array("a".utf8)],
            kinds: [.unknown, .normal],
        )
        let tokenizer = try Tokenizer(description)
        #expect(
            tokenizer.encode("ab", addSpecialTokens: false, parseSpecialTokens: false) == [0, 0, 0, 1, 0]
        )
        #expect(tokenizer.bosToken == 1 && tokenizer.eosToken == nil)
    }

    @Test func messagesSayFieldValueAndLimit() {
        let message = TokenizerError.idOutOfRange(field: "eos_token_id", id: 70, vocabularySize: 64).description
        #expect(message.contains("eos_token_id") && message.contains("70") && message.contains("64"))
    }
}
