import Generation
import OpenAIProtocol

/// From the text level to the wire.
extension ChoiceFinish {
    init(_ finish: GenerationFinish) {
        self.init(reason: finish.reason.rawValue)
        switch finish.cause {
        case nil: break
        case .string(let text): stopReason = .string(text)
        case .token(let token): stopReason = .token(Int(token))
        }
    }
}

extension ChatDelta {
    init(_ delta: GenerationDelta) {
        switch delta {
        case .content(let text): self = .content(text)
        case .reasoning(let text): self = .reasoning(text)
        case .toolCall(let index, let id, let name): self = .toolCall(index: index, id: id, name: name)
        case .toolArguments(let index, let text): self = .toolArguments(index: index, text: text)
        }
    }
}

extension TokenScores {
    init(_ report: TokenReport) {
        self.init(chosen: ScoredToken(report.chosen), top: report.top.map { ScoredToken($0) })
    }
}

extension ScoredToken {
    init(_ score: TokenScore) { self.init(bytes: score.bytes, logProbability: score.logProbability) }
}
