import OrderedJSON
import Testing
import Tokenization

/// Cuts texts by one expression: a tokenizer whose pieces are bytes, each another at a word's end.
private struct WordCutter {
    private let tokenizer: Tokenizer

    init(_ expression: String, behavior: String = "Isolated", isInverted: Bool = false) throws {
        var vocab = JSONObject()
        for (byte, piece) in Fixture.alphabet.enumerated() {
            let text = String(decoding: piece, as: UTF8.self)
            vocab[text] = .integer(byte)
            vocab[text + "</w>"] = .integer(256 + byte)
        }
        let file: JSONValue = [
            "pre_tokenizer": [
                "type": "Sequence",
                "pretokenizers": [
                    [
                        "type": "Split", "pattern": ["Regex": .string(expression)], "behavior": .string(behavior),
                        "invert": .bool(isInverted),
                    ],
                    ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
                ],
            ],
            "model": ["type": "BPE", "vocab": .object(vocab), "merges": [], "end_of_word_suffix": "</w>"],
            "decoder": ["type": "ByteLevel"],
        ]
        var files = TokenizerFiles()
        files.tokenizer = file.serialized
        tokenizer = try Tokenizer(files)
    }

    func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        for id in tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false) {
            word.append(UInt8(truncatingIfNeeded: id))
            if id < 256 { continue }
            words.append(String(decoding: word, as: UTF8.self))
            word = []
        }
        return words
    }

    func count(_ text: String) -> Int {
        tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false).count { $0 >= 256 }
    }
}

@Suite struct ExpressionTests {
    static let cases: [(expression: String, text: String, words: [String])] = [
        ("a|ab", "abab", ["a", "b", "a", "b"]),
        ("ab|a", "abaab", ["ab", "a", "ab"]),
        ("(?:ab)+?c", "ababcab", ["ababc", "ab"]),
        ("a{2}", "aaaaa", ["aa", "aa", "a"]),
        ("a{1,3}", "aaaaa", ["aaa", "aa"]),
        ("a{2,}b?", "aaabab", ["aaab", "ab"]),
        ("a++b", "aaab", ["aaab"]),
        ("a++ab", "aaab", ["aaab"]),
        ("a*+a", "aaa", ["aaa"]),
        ("x?+xy", "xyxxy", ["xy", "xxy"]),
        (#"\s+(?!\S)|\s+"#, "a   b  ", ["a", "  ", " ", "b", "  "]),
        ("a(?=b)", "abac", ["a", "bac"]),
        ("(?<!a)b", "abcb", ["abc", "b"]),
        ("(?<=a)b", "abcb", ["a", "b", "cb"]),
        ("(?i:'s|k)", "'S'\u{17F}K\u{212A}x", ["'S", "'\u{17F}", "K", "\u{212A}", "x"]),
        ("a(?i)b|c", "aBCc", ["aB", "C", "c"]),
        (#"[^\p{L}\s]+"#, "ab12 .c", ["ab", "12", " ", ".", "c"]),
        (#"[\p{Lu}&&[^B]]"#, "ABC", ["A", "B", "C"]),
        (#"[\p{Lu}&&[^B]]+"#, "ACBA", ["AC", "B", "A"]),
        (#"\p{^L}+|\P{Lu}"#, "a1B2", ["a", "1", "B", "2"]),
        (#"\p{Han}+"#, "ab漢字かな", ["ab", "漢字", "かな"]),
        (#"[一-龥]+"#, "ab漢字かな", ["ab", "漢字", "かな"]),
        (#"[\u4e00-\u9fa5\x41]+"#, "Ab漢A", ["A", "b", "漢A"]),
        (#"\w+\b"#, "ab_1 é²", ["ab_1", " ", "é²"]),
        (#"^b"#, "b\nb", ["b", "\n", "b"]),
        (#"b$"#, "bb\nb", ["b", "b", "\n", "b"]),
        (#"\Ab|b\z"#, "bb\nb", ["b", "b\n", "b"]),
        ("[]a]+", "a]b", ["a]", "b"]),
        ("[a-]+", "a-b", ["a-", "b"]),
        (".", "a\nb", ["a", "\n", "b"]),
        ("(?<word>a)b", "abab", ["ab", "ab"]),
        ("(a|b)*c", "abcabx", ["abc", "abx"]),
        ("(?:a*)*b", "aab", ["aab"]),
    ]

    @Test(arguments: cases)
    func matchesAreThoseOfABacktrackingMatcher(expression: String, text: String, words: [String]) throws {
        #expect(try WordCutter(expression).words(text) == words)
    }

    @Test(arguments: [
        ("Removed", false, ["a", "b", "c"]), ("Removed", true, ["-", "--"]),
        ("Isolated", false, ["a", "-", "b", "--", "c"]),
        ("MergedWithPrevious", false, ["a-", "b--", "c"]), ("MergedWithNext", false, ["a", "-b", "--c"]),
        ("Contiguous", true, ["a", "-", "b", "--", "c"]),
    ])
    func whatIsFoundIsDroppedKeptOrJoined(behavior: String, isInverted: Bool, words: [String]) throws {
        #expect(try WordCutter("-+", behavior: behavior, isInverted: isInverted).words("a-b--c") == words)
    }

    @Test(arguments: [
        "(", ")", "a)", "[a", "*a", "a{3,1}", "a{", #"\p{Nonsense}"#, #"\q"#, #"\1"#, "(?<=ab)c", "(?=a*)b",
        "(?>ab|a)c",
        "(?:ab)++", "(?#x)", "(?(1)a)", "[b-a]", "(?:){999}{999}{999}", "a{9999}{9999}", "(?:a?){300}", #"\x{110000}"#,
        "((((a{99}){99}){99}){99})",
    ])
    func whatIsntSupportedOrUnboundedIsRefusedByName(expression: String) {
        do {
            _ = try WordCutter(expression)
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains("pattern.Regex"), "\(error)")
        }
    }

    @Test func deepNestingIsRefused() {
        let deep = String(repeating: "(", count: 5000) + "a" + String(repeating: ")", count: 5000)
        #expect(throws: TokenizerError.self) { _ = try WordCutter(deep) }
        let brackets = String(repeating: "[", count: 5000) + "a" + String(repeating: "]", count: 5000)
        #expect(throws: TokenizerError.self) { _ = try WordCutter(brackets) }
    }

    /// Expressions that take backtracking matchers exponential or quadratic time.
    @Test(arguments: [
        "(a+)+b", "(a|a)*b", "(a|aa)+b", "a*a*a*a*b", "(?:a*)*b", #"\s+$"#, #"\s*[\r\n]+"#, "(?:a{0,9}){0,9}b",
        "a+b|a+c|a+d",
    ])
    func timeIsLinear(expression: String) throws {
        let cutter = try WordCutter(expression)
        let runs = String(repeating: "a", count: 50_000) + String(repeating: " ", count: 50_000) + "x"
        #expect(cutter.count(runs) >= 1)
    }

    /// Expressions written by hand, against themselves in a group, which nobody wrote by hand.
    @Test func expressionsWrittenByHandCutAsTheyWouldBeMatched() throws {
        var random = SeededGenerator(seed: 11)
        let units = [
            " ", "  ", "\t", "\n", "\r\n", "\u{A0}", "\u{3000}", "a", "B", "é", "ſ", "'s", "'S", "'ſ", "'ll", "'LL",
            "'Ve", "'", "1",
            "23", "٣", "²", "½", ".", "!?", "$", "+", "_", "(", "漢", "か", "ア", "é", "\u{301}", "🙂", "\u{200D}", "\u{0}",
            "\u{E000}", "ǅ", "ª", "Ⅷ", "\u{1C89}", "\u{11DE0}", "/",
        ]
        for expression in PublishedExpressions.all {
            let byHand = try WordCutter(expression)
            let matched = try WordCutter("(?:\(expression))")
            for _ in 0..<1500 {
                let text = (0..<Int.random(in: 1...10, using: &random)).map { _ in
                    units.randomElement(using: &random) ?? ""
                }
                .joined()
                #expect(byHand.words(text) == matched.words(text), "\(text.debugDescription) \(expression)")
            }
        }
    }
}
