/// One step of a pre-tokenizer: cuts each piece that the steps before it left.
enum SplitStage: Sendable {
    case gpt2
    case word(WordRule)
    case casedWord(CasedWordRule)
    case deepSeek
    case run(RunRule)
    case trailingWhitespace
    case lines

    func split(_ window: SplitWindow, into ends: inout [Int]) {
        switch self {
        case .gpt2: GPT2Rule().split(window, into: &ends)
        case .word(let rule): rule.split(window, into: &ends)
        case .casedWord(let rule): rule.split(window, into: &ends)
        case .deepSeek: DeepSeekRule().split(window, into: &ends)
        case .run(let rule): rule.split(window, into: &ends)
        case .trailingWhitespace: TrailingWhitespaceRule().split(window, into: &ends)
        case .lines: LineRule().split(window, into: &ends)
        }
    }

    /// Every code point of a set alone.
    static func single(_ set: CodePointSet) -> SplitStage { .run(RunRule(set: set, maximum: 1)) }
}
