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

extension TokenScores {
    init(_ report: TokenReport) {
        self.init(chosen: ScoredToken(report.chosen), top: report.top.map { ScoredToken($0) })
    }
}

extension ScoredToken {
    init(_ score: TokenScore) { self.init(bytes: score.bytes, logProbability: score.logProbability) }
}
