extension ReasoningFormat {
    /// Thoughts in a `think` tag: Qwen 3, GLM 4.5, Nemotron and many others.
    package static let think: ReasoningFormat = {
        var format = ReasoningFormat(
            "qwen3",
            "glm45",
            "nemotron",
            "nano-v3",
            "kimi_k2",
            "minimax",
            "minimax_m2",
            "deepseek-v3",
            "deepseek-v4",
            "glm47",
            "nemotron_v3",
            "olmo3",
            "step3p5",
            openers: ["<think>"],
            closers: ["</think>"],
        )
        format.ending = "\n</think>\n\n"
        return format
    }()

    /// DeepSeek R1's thoughts, whose opening tag the template writes or the model forgets.
    package static let deepSeekR1: ReasoningFormat = {
        var format = ReasoningFormat("deepseek-r1", "qwen3-thinking", openers: ["<think>"], closers: ["</think>"]) {
            _ in false
        }
        format.ending = "\n</think>\n\n"
        format.isOpenAtStart = true
        return format
    }()

    /// Seed-OSS's tag.
    package static let seedOSS = ReasoningFormat(
        "seed_oss",
        openers: ["<seed:think>"],
        closers: ["</seed:think>"],
    )

    /// The tag of Kimi's smaller models; K2 writes `think` tags.
    package static let kimi = ReasoningFormat(
        "kimi",
        openers: ["\u{25C1}think\u{25B7}", "<think>"],
        closers: ["\u{25C1}/think\u{25B7}", "</think>"],
    ) { $0.contains("\u{25C1}/think\u{25B7}") || $0.contains("\u{25C1}think\u{25B7}") }
}
