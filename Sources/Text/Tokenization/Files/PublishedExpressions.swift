/// The expressions of published tokenizers.
package enum PublishedExpressions {
    static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    static let llama3 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"#
        + #"|\s+(?!\S)|\s+"#
    static let qwen = llama3.replacing(#"\p{N}{1,3}"#, with: #"\p{N}"#)
    /// Qwen 3.5's, in which marks are parts of words.
    static let qwenWithMarks =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"#
        + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// DeepSeek V3's last, in which line ends may be written as themselves.
    static let deepSeek =
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"##
        + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

    /// What is written by hand, which is faster; the results are the same.
    private static let byHand: [String: [SplitStage]] = [
        gpt2: [.gpt2],
        llama3: [.word(WordRule(digits: 3, foldsLongS: true))],
        qwen: [.word(WordRule(digits: 1, foldsLongS: true))],
        qwenWithMarks: [.word(WordRule(digits: 1, word: [.letter, .mark], foldsLongS: true))],
        deepSeek: [.deepSeek],
        #"\p{N}{1,3}"#: [.run(RunRule(set: .number, maximum: 3))],
        #"\p{N}"#: [.single(.number)],
    ]

    /// The expressions that are written by hand.
    package static var all: [String] { Array(byHand.keys) }

    /// An expression written by hand; `nil` for what isn't.
    static func stages(_ expression: String) -> [SplitStage]? {
        let spelled = expression.replacing("\r", with: #"\r"#).replacing("\n", with: #"\n"#)
        return byHand[spelled]
    }
}
