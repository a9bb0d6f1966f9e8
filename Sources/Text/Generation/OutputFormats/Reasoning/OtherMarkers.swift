extension ReasoningFormat {
    /// Mistral's thoughts, between control tokens.
    package static let mistral = ReasoningFormat("mistral", openers: ["[THINK]"], closers: ["[/THINK]"])

    /// Command A's thoughts, which are its plan for using tools, too.
    package static let commandR = ReasoningFormat(
        "command-r",
        "cohere_command3",
        openers: ["<|START_THINKING|>"],
        closers: ["<|END_THINKING|>"],
    )

    /// Granite's thoughts: announced in words by 3.2, in tags by 3.3, which has one for the answer as well.
    package static let granite: ReasoningFormat = {
        var format = ReasoningFormat(
            "granite",
            openers: ["Here is my thought process:", "Here's my thought process:", "<think>"],
            closers: ["Here is my response:", "Here's my response:", "</think>"],
        ) { $0.contains("Here is my thought process") || $0.contains("<response></response>") }
        format.ignored = ["<response>", "</response>"]
        return format
    }()

    /// Gemma 4's thoughts, in a channel.
    package static let gemma4 = ReasoningFormat(
        "gemma4",
        openers: ["<|channel>thought\n"],
        closers: ["<channel|>"],
    ) { $0.contains("<|channel>") }

    /// gpt-oss's thoughts, in the channel `analysis`; `HarmonyParser` takes them apart.
    package static let harmony: ReasoningFormat = {
        var format = ReasoningFormat(
            "gpt-oss",
            "harmony",
            "openai_gptoss",
            openers: ["<|channel|>analysis<|message|>"],
            closers: ["<|end|>"],
        ) { $0.contains("<|channel|>") && $0.contains("<|message|>") }
        format.answerHeads = ["", "<|start|>assistant"].map { $0 + "<|channel|>final<|message|>" }
        format.ending = "<|end|><|start|>assistant<|channel|>final<|message|>"
        return format
    }()
}
