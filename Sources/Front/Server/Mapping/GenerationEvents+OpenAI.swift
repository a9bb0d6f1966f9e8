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
    /// - Parameter isNamed: Whether tokens are called by their ids instead of their texts.
    init(_ report: TokenReport, isNamed: Bool = false) {
        self.init(
            chosen: ScoredToken(report.chosen, isNamed: isNamed),
            top: report.top.map { ScoredToken($0, isNamed: isNamed) }
        )
    }
}

extension RankedToken {
    /// The reports of a prompt's tokens, the first of which has none.
    static func lists(_ reports: [TokenReport?]) -> [[RankedToken]?] { reports.map { $0.map { list($0) } } }

    /// The tokens of a report: the one that is there, then the most probable others.
    private static func list(_ report: TokenReport) -> [RankedToken] {
        let top = report.top.enumerated().map { RankedToken($1, rank: $0 + 1) }
        let chosen = top.first { $0.id == report.chosen.id } ?? RankedToken(report.chosen, rank: nil)
        return [chosen] + top.filter { $0.id != chosen.id }
    }

    private init(_ score: TokenScore, rank: Int?) {
        self.init(id: score.id, bytes: score.bytes, logProbability: score.logProbability, rank: rank)
    }
}

extension ScoredToken {
    init(_ score: TokenScore, isNamed: Bool) {
        let name = isNamed ? Self.name(of: score.id) : nil
        self.init(bytes: score.bytes, logProbability: score.logProbability, name: name)
    }
}
