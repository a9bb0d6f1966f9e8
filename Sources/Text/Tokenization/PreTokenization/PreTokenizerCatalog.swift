extension PreTokenizer {
    /// The pre-tokenizer of a `tokenizer.ggml.pre` name, with llama.cpp's spellings.
    ///
    /// - Throws: `TokenizerError.unknownPreTokenizer`.
    package init(named name: String) throws(TokenizerError) {
        guard let found = Self.find(name) else { throw .unknownPreTokenizer(name: name) }
        self = found
    }

    private static func find(_ name: String) -> PreTokenizer? {
        switch name {
        case "", "default":
            PreTokenizer(stages: [
                .run(RunRule(set: .signs(backtick: false))), .gpt2, .run(RunRule(set: .number)), asciiTriples,
            ])
        case "gpt-2", "phi-2", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "gigachat", "a.x-4.0", "mellum",
            "modern-bert", "exaone4", "mpt", "olmo", "jais", "trillion", "granite-docling", "jina-v1-en",
            "jina-v2-code", "roberta-bpe":
            PreTokenizer(stages: [.gpt2])
        case "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2":
            PreTokenizer(stages: [.single(.number), .gpt2])
        case "falcon":
            PreTokenizer(stages: [.run(RunRule(set: .signs(backtick: true))), .gpt2, asciiTriples])
        case "bloom", "gpt3-finnish", "poro-chat":
            PreTokenizer(stages: [.run(RunRule(set: .bloomWord, lead: .space))])
        case "viking":
            PreTokenizer(stages: [.run(RunRule(set: .bloomWord, lead: .space)), .single(.number)])
        case "gemma4", "granite-embed-multi-311m":
            PreTokenizer(stages: [.lines], addsBOS: true, isPlainText: true, keepsLineFeeds: true)
        case "sarvam-moe":
            PreTokenizer(stages: [.lines], isPlainText: true)
        default: findCL100K(name) ?? findO200K(name) ?? findDeepSeek(name)
        }
    }

    private static func findCL100K(_ name: String) -> PreTokenizer? {
        switch name {
        case "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
            "jina-v5-nano":
            PreTokenizer(stages: [.word(WordRule(digits: 3))], ignoresMerges: true, addsBOS: true)
        case "glm4", "glm5":
            PreTokenizer(stages: [.word(WordRule(digits: 3))], ignoresMerges: true)
        case "dbrx", "smaug-bpe", "chatglm-bpe":
            PreTokenizer(stages: [.word(WordRule(digits: 3))])
        case "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open",
            "grok-2", "bailingmoe", "bailingmoe2", "llada-moe":
            PreTokenizer(stages: [.word(WordRule(digits: 1))])
        case "qwen35":
            PreTokenizer(stages: [.word(WordRule(digits: 1, word: [.letter, .mark]))])
        case "seed-coder":
            PreTokenizer(stages: [.word(WordRule(digits: 1, signsTakeNewlines: false))])
        case "ufakzeka":
            PreTokenizer(stages: [.word(WordRule(digits: 1, contractions: false))])
        case "laguna":
            PreTokenizer(stages: [.lines, .word(WordRule(digits: 1))])
        case "jais-2":
            PreTokenizer(stages: [.word(WordRule(digits: 3, cutsWhitespace: true))])
        case "minicpm5":
            PreTokenizer(
                stages: [.run(RunRule(set: .number, maximum: 3)), .word(WordRule(digits: .max))],
                ignoresMerges: true,
            )
        default: nil
        }
    }

    private static func findO200K(_ name: String) -> PreTokenizer? {
        switch name {
        case "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2":
            PreTokenizer(stages: [.casedWord(CasedWordRule(digits: 3, contractions: true))])
        case "tekken":
            PreTokenizer(
                stages: [.casedWord(CasedWordRule(digits: 1, contractions: false))],
                ignoresMerges: true,
                addsBOS: true,
            )
        default: nil
        }
    }

    private static func findDeepSeek(_ name: String) -> PreTokenizer? {
        switch name {
        case "deepseek-llm":
            PreTokenizer(stages: [
                .single(.newline),
                .run(RunRule(set: .casedLetter, lead: .anyWhitespace)),
                .run(RunRule(set: .wesEastPunctuation, lead: .anyWhitespace)),
                .trailingWhitespace,
                .run(RunRule(set: .eastern)),
                .run(RunRule(set: .number)),
            ])
        case "deepseek-coder":
            PreTokenizer(stages: [
                .single(.newline),
                .run(RunRule(set: .letter, lead: .anyWhitespace)),
                .run(RunRule(set: .punctuation, lead: .anyWhitespace)),
                .run(RunRule(set: .eastern)),
                .single(.number),
            ])
        case "deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4":
            PreTokenizer(stages: [
                .run(RunRule(set: .number, maximum: 3)), .run(RunRule(set: .ideographOrKana)), .deepSeek,
            ])
        default: nil
        }
    }

    private static let asciiTriples = SplitStage.run(RunRule(set: .asciiDigit, minimum: 3, maximum: 3))
}
