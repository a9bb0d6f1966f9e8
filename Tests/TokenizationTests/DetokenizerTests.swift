import Testing
import Tokenization

@Suite struct DetokenizerTests {
    static let text = "Grüße, 世界! 👩‍👩‍👧 e\u{301}\u{0}\r\n 𝔘\u{FFFD}x"

    @Test func everyByteSequenceRoundTripsThroughByteTokens() throws {
        let tokenizer = try Tokenizer(Fixture.byteLevel(merges: ["a b", "\u{120} a", "\u{120}a b"]))
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            let scalars = (0..<40).compactMap { _ -> Unicode.Scalar? in
                let limit: UInt32 = Bool.random(using: &generator) ? 0x7F : 0x10_FFFF
                return Unicode.Scalar(UInt32.random(in: 0...limit, using: &generator))
            }
            let text = Array(String(String.UnicodeScalarView(scalars)).utf8)
            let ids = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true)
            #expect(ids.flatMap { tokenizer.bytes(of: $0, skipSpecialTokens: true) } == text)
            #expect(Array(tokenizer.decode(ids, skipSpecialTokens: true).utf8) == text)
        }
        // Each byte token is its byte.
        for byte in 0..<256 { #expect(tokenizer.bytes(of: TokenID(byte), skipSpecialTokens: true) == [UInt8(byte)]) }
    }

    @Test func sentencePieceKeepsEveryByte() throws {
        let tokenizer = try Tokenizer(Fixture.sentencePiece([("\u{2581}", -1), ("é", -2)], addSpacePrefix: false))
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<300 {
            // No spaces: a lone lead byte would take part of the mark that stands for one.
            let text = (0..<60).map { _ in UInt8.random(in: 0x21...255, using: &generator) }
            let ids = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
            #expect(ids.flatMap { tokenizer.bytes(of: $0, skipSpecialTokens: true) } == text)
        }
    }

    @Test func piecesOfAStreamJoinToTheWhole() throws {
        let tokenizer = try Tokenizer(Fixture.byteLevel(special: [("<end>", .control)]))
        var ids = Array(Self.text.utf8).map(TokenID.init)
        ids.insert(257, at: 5)
        for skip in [true, false] {
            let whole = tokenizer.decode(ids, skipSpecialTokens: skip)
            #expect(whole.contains("<end>") == !skip)
            var stream = IncrementalDetokenizer(tokenizer: tokenizer, skipSpecialTokens: skip)
            var joined: [UInt8] = []
            for id in ids {
                let piece = stream.append(id)
                joined += Array(piece.utf8)
                // What has come out is a beginning of the whole, cut between characters.
                #expect(Array(whole.utf8).starts(with: joined))
                #expect(whole.unicodeScalars.starts(with: String(decoding: joined, as: UTF8.self).unicodeScalars))
            }
            joined += Array(stream.finish().utf8)
            #expect(joined == Array(whole.utf8))
        }
    }

    @Test func brokenBytesJoinToTheWholeAtEverySplit() throws {
        let tokenizer = try Tokenizer(Fixture.byteLevel())
        var generator = SeededGenerator(seed: 7)
        let usual: [UInt8] = [
            0x61, 0x20, 0xC3, 0xA9, 0xE4, 0xB8, 0x96, 0xF0, 0x9F, 0x99, 0x82, 0xED, 0xA0, 0xF4, 0x90, 0xC0, 0xFF, 0x80,
        ]
        for _ in 0..<2000 {
            let bytes = (0..<12).map { _ in usual[Int.random(in: 0..<usual.count, using: &generator)] }
            var stream = IncrementalDetokenizer(tokenizer: tokenizer, skipSpecialTokens: true, precedingTokens: [1])
            var joined: [UInt8] = []
            for byte in bytes { joined += Array(stream.append(TokenID(byte)).utf8) }
            joined += Array(stream.finish().utf8)
            #expect(joined == Array(String(decoding: bytes, as: UTF8.self).utf8), "\(bytes)")
        }
    }

    @Test func charactersAreHeldUntilComplete() throws {
        let tokenizer = try Tokenizer(Fixture.byteLevel())
        var stream = IncrementalDetokenizer(tokenizer: tokenizer, skipSpecialTokens: true, precedingTokens: [1])
        #expect([0xF0, 0x9F, 0x99].map { stream.append($0) } == ["", "", ""])
        #expect(stream.append(0x82) == "🙂")
        #expect(stream.append(0xE4) == "")
        #expect(Array(stream.append(0x61).utf8) == Array("\u{FFFD}a".utf8))
        // No character begins with these two, so nothing is gained by waiting.
        #expect(stream.append(0xED) == "")
        #expect(Array(stream.append(0xA0).utf8) == Array("\u{FFFD}\u{FFFD}".utf8))
        #expect(stream.append(0xC3) == "")
        #expect(Array(stream.finish().utf8) == Array("\u{FFFD}".utf8))
        #expect(stream.finish() == "")
        #expect(stream.append(-5) == "" && stream.append(100_000) == "")
    }

    @Test func theAddedSpaceGoesOnlyAtTheStartOfAText() throws {
        let tokenizer = try Tokenizer(Fixture.sentencePiece([("\u{2581}a", -1), ("\u{2581}\u{2581}", -2)]))
        let ids = tokenizer.encode("a a", addSpecialTokens: false, parseSpecialTokens: false)
        #expect(ids == [259, 259])
        #expect(tokenizer.decode(ids, skipSpecialTokens: true) == "a a")
        #expect(tokenizer.decode([1] + ids, skipSpecialTokens: true) == "a a")
        #expect(tokenizer.decode([1] + ids, skipSpecialTokens: false) == "<s> a a")
        #expect(tokenizer.bytes(of: 259, skipSpecialTokens: true) == Array(" a".utf8))
        var start = IncrementalDetokenizer(tokenizer: tokenizer, skipSpecialTokens: true)
        #expect([1, 259, 259].map { start.append($0) } == ["", "a", " a"])
        var later = IncrementalDetokenizer(tokenizer: tokenizer, skipSpecialTokens: true, precedingTokens: [1, 259])
        #expect([259, 259].map { later.append($0) } == [" a", " a"])
        let none = try Tokenizer(Fixture.sentencePiece([("\u{2581}a", -1)], addSpacePrefix: false))
        #expect(none.decode([259], skipSpecialTokens: true) == " a")
    }

    @Test func piecesAndIdsAreEachOthersInverse() throws {
        let tokenizer = try Tokenizer(Fixture.sentencePiece([("\u{2581}a", -1)], userDefined: ["  "]))
        #expect(tokenizer.vocabularySize == 261)
        for id in 0..<TokenID(261) {
            let piece = try #require(tokenizer.piece(of: id))
            #expect(tokenizer.id(ofPiece: piece) == id)
        }
        #expect(tokenizer.piece(of: 261) == nil && tokenizer.piece(of: -1) == nil)
        #expect(tokenizer.id(ofPiece: Array("nowhere".utf8)) == nil)
    }
}
