import Generation
import OpenAIProtocol

/// From the text level to the wire.
extension ChoiceFinish {
    init(_ reason: FinishReason, _ cause: StopCause?) {
        self.init(reason: reason.rawValue)
        switch cause {
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
