import Generation
import OpenAIProtocol

/// A prompt put before its continuations, with its tokens' log-probabilities when those are asked for.
struct EchoedPrompt: Sendable {
    /// The prompt as text.
    let text: String
    private let firstToken: [UInt8]
    private(set) var scores: [TokenScores] = []

    /// The prompt of a prepared request.
    init(_ prepared: PreparedGeneration, backend: any GenerationBackend) async throws(GenerationError) {
        if let given = prepared.promptText {
            text = given
        } else {
            text = try await backend.detokenize(prepared.promptTokens, skipSpecialTokens: true)
        }
        firstToken = Array(
            try await backend.detokenize(Array(prepared.promptTokens.prefix(1)), skipSpecialTokens: false).utf8
        )
    }

    /// Takes the prompt's reports; the first token has none, for nothing precedes it.
    mutating func note(_ event: GenerationEvent) {
        guard case .promptReports(let reports) = event else { return }
        scores = reports.map { report in
            report.map { TokenScores($0) }
                ?? TokenScores(chosen: ScoredToken(bytes: firstToken, logProbability: nil), top: [])
        }
    }
}
