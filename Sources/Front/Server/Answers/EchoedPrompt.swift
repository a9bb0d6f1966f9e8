import Generation
import OpenAIProtocol

/// A prompt put before its continuations, with its tokens' log-probabilities when those are asked for.
struct EchoedPrompt: Sendable {
    /// The prompt as text.
    let text: String
    private let firstToken: ScoredToken
    private let isNamed: Bool
    private(set) var scores: [TokenScores] = []

    /// The prompt of a prepared request.
    ///
    /// - Parameter isNamed: Whether tokens are called by their ids instead of their texts.
    init(
        _ prepared: PreparedGeneration,
        backend: any GenerationBackend,
        isNamed: Bool,
    ) async throws(GenerationError) {
        self.isNamed = isNamed
        if let given = prepared.promptText {
            text = given
        } else {
            text = try await backend.detokenize(prepared.promptTokens, skipSpecialTokens: true)
        }
        let first = Array(prepared.promptTokens.prefix(1))
        firstToken = ScoredToken(
            bytes: Array(try await backend.detokenize(first, skipSpecialTokens: false).utf8),
            logProbability: nil,
            name: isNamed ? first.first.map { ScoredToken.name(of: $0) } : nil
        )
    }

    /// Takes the prompt's reports; the first token has none, for nothing precedes it.
    mutating func note(_ event: GenerationEvent) {
        guard case .promptReports(let reports) = event else { return }
        scores = reports.map { report in
            report.map { TokenScores($0, isNamed: isNamed) } ?? TokenScores(chosen: firstToken, top: [])
        }
    }
}
