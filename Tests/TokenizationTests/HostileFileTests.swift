import Foundation
import OrderedJSON
import Testing
import Tokenization

/// Files that were damaged or made to do harm end in an error or a tokenizer, never in a crash or an endless wait.
@Suite struct HostileFileTests {
    /// Small files of every kind.
    private static let sound: [(name: String, files: TokenizerFiles)] = {
        func json(_ text: String) -> TokenizerFiles {
            var files = TokenizerFiles()
            files.tokenizer = Array(text.utf8)
            files.configuration = Array(
                """
                {"bos_token":"<s>","eos_token":{"content":"</s>"},"add_bos_token":true,"clean_up_tokenization_spaces":true,\
                "added_tokens_decoder":{"9":{"content":"<s>","special":true,"lstrip":true}}}
                """.utf8
            )
            return files
        }
        let added = #""added_tokens":[{"id":0,"content":"<s>","special":true,"rstrip":true},{"id":9,"content":"ab"}]"#
        let bpe = json(
            #"""
            {"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":"a{2,3}|b+?"},\#
            "content":"c"},{"type":"Prepend","prepend":"a"}]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":\#
            "Split","pattern":{"Regex":"(?i:'s)|[^\\s\\p{L}]+|\\s+(?!\\S)"},"behavior":"Isolated","invert":false},{"type":\#
            "Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":true}]},"post_processor":{"type":\#
            "TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A"}}],\#
            "special_tokens":{"<s>":{"id":"<s>","ids":[0]}}},"decoder":{"type":"ByteLevel"},"model":{"type":"BPE",\#
            "unk_token":"<s>","fuse_unk":true,"byte_fallback":true,"vocab":{"<s>":0,"a":1,"b":2,"ab":3,"c":4,"abc":5},\#
            "merges":["a b",["ab","c"]]},\#(added)}
            """#
        )
        let unigram = json(
            #"""
            {"normalizer":{"type":"Precompiled","precompiled_charsmap":"CAAAAAAAAAAAAAAAYQAA"},"pre_tokenizer":{"type":\#
            "Metaspace","replacement":"▁","prepend_scheme":"first"},"decoder":{"type":"Sequence","decoders":[{"type":\#
            "Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip",\#
            "content":" ","start":1,"stop":0}]},"model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":\#
            [["<unk>",0],["▁a",-1.5],["b",-2],["ab",-1e3]]},\#(added)}
            """#
        )
        let wordPiece = json(
            #"""
            {"normalizer":{"type":"BertNormalizer","lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},\#
            "post_processor":{"type":"BertProcessing","sep":["b",2],"cls":["a",1]},"decoder":{"type":"WordPiece",\#
            "prefix":"##","cleanup":true},"model":{"type":"WordPiece","unk_token":"[UNK]","max_input_chars_per_word":9,\#
            "continuing_subword_prefix":"##","vocab":{"[UNK]":0,"a":1,"b":2,"##b":3}},\#(added)}
            """#
        )
        let wordLevel = json(
            #"""
            {"pre_tokenizer":{"type":"Punctuation","behavior":"MergedWithNext"},"decoder":{"type":"CTC","pad_token":"a",\#
            "word_delimiter_token":"|","cleanup":true},"model":{"type":"WordLevel","vocab":{"a":0,"b":3},"unk_token":"a"},\#
            \#(added)}
            """#
        )
        var tekken = TokenizerFiles()
        tekken.tekken = Array(
            #"""
            {"config":{"pattern":"\\p{L}++|\\s+(?!\\S)|[^a-c]{1,3}+","default_vocab_size":6,"default_num_special_tokens":3},\#
            "vocab":[{"rank":0,"token_bytes":"YQ=="},{"rank":1,"token_bytes":"Yg=="},{"rank":2,"token_bytes":"YWI="}]}
            """#
            .utf8
        )
        var tiktoken = TokenizerFiles()
        tiktoken.sentencePiece = Array("YQ== 0\nYg== 1\nYWI= 2\n".utf8)
        var model = TokenizerFiles()
        model.sentencePiece = sentencePiece
        return [
            ("BPE", bpe), ("Unigram", unigram), ("WordPiece", wordPiece), ("WordLevel", wordLevel), ("tekken", tekken),
            ("tiktoken", tiktoken), ("SentencePiece", model), ("vocab.txt", wordPieces),
            ("vocab.json", piecesAndMerges), ("merges.txt", piecesAndMerges),
        ]
    }()

    /// A vocabulary of lines.
    private static var wordPieces: TokenizerFiles {
        var files = TokenizerFiles()
        files.wordPieces = Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##b\nab\n1\n".utf8)
        files.configuration = Array(#"{"do_lower_case":true,"tokenizer_class":"BertTokenizer"}"#.utf8)
        return files
    }

    /// A vocabulary of pieces with merges in a file of their own.
    private static var piecesAndMerges: TokenizerFiles {
        var pieces = JSONObject()
        for piece in Fixture.alphabet { pieces[String(decoding: piece, as: UTF8.self)] = .integer(pieces.count) }
        for piece in ["ab", "abc", "\u{120}a", "<|endoftext|>"] { pieces[piece] = .integer(pieces.count) }
        var files = TokenizerFiles()
        files.pieces = JSONValue.object(pieces).serialized
        files.merges = Array("#version: 0.2\na b\nab c\n\u{120} a\n".utf8)
        files.configuration = Array(#"{"tokenizer_class":"GPT2Tokenizer"}"#.utf8)
        return files
    }

    /// A model of four pieces, two of them control tokens.
    private static var sentencePiece: [UInt8] {
        func piece(_ text: String, _ kind: UInt8) -> [UInt8] {
            let body = [0x0A, UInt8(text.utf8.count)] + Array(text.utf8) + [0x15, 0, 0, 0x80, 0xBF, 0x18, kind]
            return [0x0A, UInt8(body.count)] + body
        }
        let pieces = piece("<unk>", 2) + piece("<s>", 3) + piece("ab", 1) + piece("\u{2581}a", 4)
        // A BPE model; a prefix, spaces squeezed.
        return pieces + [0x12, 2, 0x18, 2] + [0x1A, 4, 0x18, 1, 0x20, 1]
    }

    private static let text = Array("<s>ab abc A\u{301}\u{FF21} 12 🙂 ab<s> \n x'S".utf8)

    /// Reads and uses a tokenizer; whether it could be read.
    private func use(_ files: TokenizerFiles) -> Bool {
        guard let tokenizer = try? Tokenizer(files) else { return false }
        let ids = tokenizer.encode(
            Self.text,
            addSpecialTokens: true,
            parseSpecialTokens: true,
            plainRanges: [4..<6, 20..<30],
        )
        _ = tokenizer.encode(Self.text, addSpecialTokens: false, parseSpecialTokens: false)
        let all = ids + (0..<12) + [TokenID.max, -1]
        var stream = IncrementalDetokenizer(tokenizer: tokenizer, skipSpecialTokens: true)
        let streamed = all.map { stream.append($0) }.joined() + stream.finish()
        #expect(streamed == tokenizer.decode(all, skipSpecialTokens: true))
        for id in all { _ = tokenizer.bytes(of: id, skipSpecialTokens: false) }
        return true
    }

    @Test func soundFilesAreRead() {
        for (name, files) in Self.sound { #expect(use(files), "\(name)") }
    }

    /// As many seeded mutations of each file as TRTLLM_SERVE_DAMAGED_FILES says, 2,000 otherwise.
    @Test(arguments: sound.map(\.name) + ["tokenizer_config.json", "special_tokens_map.json"])
    func damagedFilesDoNoHarm(name: String) throws {
        let wanted = ProcessInfo.processInfo.environment["TRTLLM_SERVE_DAMAGED_FILES"].flatMap { Int($0) } ?? 2000
        var random = SeededGenerator(seed: 5)
        let sound = files(of: name)
        var readable = 0
        for _ in 0..<wanted {
            var files = sound
            if name == "tokenizer_config.json" {
                files.configuration = mutated(try #require(files.configuration), &random)
            } else if name == "special_tokens_map.json" {
                files.specialTokensMap = mutated(Self.specialTokensMap, &random)
            } else if name == "merges.txt" {
                files.merges = mutated(try #require(files.merges), &random)
            } else if let bytes = files.pieces {
                files.pieces = mutated(bytes, &random)
            } else if let bytes = files.wordPieces {
                files.wordPieces = mutated(bytes, &random)
            } else if let bytes = files.tokenizer {
                files.tokenizer = mutated(bytes, &random)
            } else if let bytes = files.tekken {
                files.tekken = mutated(bytes, &random)
            } else if let bytes = files.sentencePiece {
                files.sentencePiece = mutated(bytes, &random)
            }
            if use(files) { readable += 1 }
        }
        // Some changes leave a file sound, most don't; any lines are pieces, and a piece has many lines around it.
        let most = files(of: name).wordPieces != nil ? wanted : wanted * 99 / 100
        #expect(readable > wanted / 100 && readable < most, "\(readable)")
    }

    private func files(of name: String) -> TokenizerFiles {
        Self.sound.first { $0.name == name }?.files ?? Self.sound[0].files
    }

    private static let specialTokensMap = Array(
        #"{"bos_token":{"content":"<s>","lstrip":false},"eos_token":"</s>","additional_special_tokens":["<s>"]}"#.utf8
    )

    private func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
            if place >= end { continue }
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 4: bytes.removeLast(bytes.count - place)
            case 5: bytes.replaceSubrange(place..<end, with: Array("99999999".utf8))
            default:
                bytes.replaceSubrange(
                    place..<place + 1,
                    with: Array(#"{}[]",:+*?()|\0"#.utf8).shuffled(using: &random).prefix(2)
                )
            }
        }
        return bytes
    }

    private func message(_ tokenizer: String, _ configuration: String? = nil) -> String {
        var files = TokenizerFiles()
        files.tokenizer = Array(tokenizer.utf8)
        files.configuration = configuration.map { Array($0.utf8) }
        do {
            _ = try Tokenizer(files)
            return ""
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("{", "tokenizer.json: "),
        ("[]", "tokenizer.json: model is missing"),
        (#"{"model":{"type":"Magic","vocab":{}}}"#, "tokenizer.json.model: 'Magic' is no model known here"),
        (#"{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}"#, "tokenizer.json.model.vocab: 'a' has no id"),
        (#"{"model":{"type":"BPE","vocab":{"a":4194304},"merges":[]}}"#, "tokenizer.json.model.vocab: 'a' has no id"),
        (#"{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}"#, "has the id 0 of another piece"),
        (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}"#, "needs the piece 'b'"),
        (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":["a"]}}"#, "merge 0 is 'a'"),
        (#"{"model":{"type":"Unigram","vocab":[["a",1e999]]}}"#, "tokenizer.json"),
        (#"{"model":{"type":"Unigram","vocab":[]}}"#, "no pieces"),
        (#"{"model":{"type":"Unigram","unk_id":1,"vocab":[["a",0]]}}"#, "tokenizer.json.model.unk_id"),
        (
            #"{"model":{"type":"WordLevel","vocab":{"a":0}},"pre_tokenizer":{"type":"UnicodeScripts"}}"#,
            "'UnicodeScripts' is no pre-tokenizer known here"
        ),
        (
            #"{"model":{"type":"WordLevel","vocab":{"a":0}},"normalizer":{"type":"Precompiled","precompiled_charsmap":"!"}}"#,
            "precompiled_charsmap: not base64"
        ),
        (
            #"{"model":{"type":"WordLevel","vocab":{"a":0}},"decoder":{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"ByteFallback"}]}}"#,
            "behind one that joins them"
        ),
    ])
    func messagesNameTheFieldAndWhatIsWrong(file: String, expected: String) {
        #expect(message(file).contains(expected), "\(message(file))")
    }

    @Test func messagesRepeatLittleOfAFile() {
        let long = String(repeating: "x", count: 5000)
        #expect(message(#"{"model":{"type":"\#(long)","vocab":{}}}"#).utf8.count < 200)
        #expect(message(#"{"model":{"type":"BPE","vocab":{"\#(long)":-1},"merges":[]}}"#).utf8.count < 200)
        #expect(message(#"{"model":{"type":"BPE","vocab":{"a":0},"merges":["a \#(long)"]}}"#).utf8.count < 300)
    }

    @Test func flagsWithoutTheirTokenAreRefused() {
        let file = #"{"model":{"type":"WordLevel","vocab":{"a":0}}}"#
        var files = TokenizerFiles()
        files.tiktoken = Array("YQ== 0\n".utf8)
        files.configuration = Array(#"{"add_bos_token":true,"bos_token":"<s>"}"#.utf8)
        #expect(throws: TokenizerError.missingToken(field: "bos_token", flag: "add_bos_token")) {
            try Tokenizer(files)
        }
        #expect(message(file, #"{"bos_token":5}"#).contains("tokenizer_config.json.bos_token"))
    }
}
