import Engine
import Generation
import Tokenization

/// A request ready for the engine, without the engine.
func prepared(
    maxTokens: Int = 100,
    promptText: String = "one",
    _ change: (inout GenerationRequest) -> Void = { _ in },
) -> PreparedGeneration {
    var request = GenerationRequest(prompt: .text("one"))
    change(&request)
    return PreparedGeneration(
        request: request,
        promptTokens: [TinyTokenizer.bos],
        promptText: promptText,
        maxTokens: maxTokens,
        seed: 7
    )
}

/// What one choice's events come to.
struct Outcome {
    var text = ""
    var tokens: [TokenID] = []
    var reports: [TokenReport] = []
    var pieces: [String] = []
    var completionTokens = 0
    var finish: FinishReason?
    var cause: StopCause?
    /// Whether anything came of the choice after its end.
    var goesOnAfterItsEnd = false

    /// Folds the events of a choice.
    init(_ events: [GenerationEvent], choice: Int = 0) {
        for event in events {
            guard case .piece(let piece, let count) = event, piece.choice == choice else { continue }
            if finish != nil { goesOnAfterItsEnd = true }
            completionTokens = count
            finish = piece.finish?.reason
            cause = piece.finish?.cause
            if piece.deltas.isEmpty && piece.tokens.isEmpty { continue }
            text += piece.text
            pieces.append(piece.text)
            tokens += piece.tokens
            reports += piece.reports
        }
    }
}

/// The engine's event of a token; with a log-probability of minus its place in the text.
func tokenEvents(_ tokens: [TokenID], choice: Int = 0, scored: Bool = false) -> [EngineEvent] {
    tokens.enumerated().map { index, token in
        let score = TokenLogProbability(token: token, logProbability: -Float(index))
        let report = scored ? PositionLogProbabilities(chosen: score, top: [score]) : nil
        return .token(choice: choice, id: token, logProbabilities: report)
    }
}

/// Runs engine events through a fresh assembler.
func assemble(
    _ prepared: PreparedGeneration,
    _ events: [EngineEvent],
    format: OutputFormat? = nil,
    streamInterval: Int = 1,
) throws -> [GenerationEvent] {
    var assembler = RequestAssembler(
        prepared,
        tokenizer: try TinyTokenizer.make(),
        format: format,
        streamInterval: streamInterval
    )
    return events.flatMap { assembler.accept($0) }
}
