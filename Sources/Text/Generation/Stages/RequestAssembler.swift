package import Engine
package import Tokenization

/// One request: what the engine says in, what the submitter is told out.
package struct RequestAssembler: Sendable {
    /// Whether `.usage` is out: whatever the engine still does for the request is for nothing.
    package private(set) var isComplete = false

    private let scores: TokenScorer
    private let reportsTokens: Bool
    private var choices: [ChoiceAssembler]
    private var best: BestOf?
    private var coalescer: PieceCoalescer
    private var usage: TokenUsage

    /// A request of which nothing has come yet.
    ///
    /// - Parameters:
    ///   - prepared: The request.
    ///   - tokenizer: Whose tokens they are.
    ///   - format: How outputs are taken apart, where the request wants that.
    ///   - streamInterval: Tokens of a choice per piece, after the first.
    package init(
        _ prepared: PreparedGeneration,
        tokenizer: Tokenizer,
        format: OutputFormat? = nil,
        streamInterval: Int = 1,
    ) {
        let request = prepared.request
        let settings = OutputSettings(prepared, tokenizer: tokenizer, format: format)
        scores = TokenScorer(tokenizer: tokenizer)
        reportsTokens = request.logProbabilities != nil
        choices = (0..<request.generatedCount).map { ChoiceAssembler(index: $0, settings: settings) }
        best = request.ranksChoices ? BestOf(returned: request.n, generated: request.bestOf) : nil
        coalescer = PieceCoalescer(interval: streamInterval, choices: choices.count)
        usage = TokenUsage(promptTokens: prepared.promptTokens.count)
    }

    /// Takes the engine's next event.
    package mutating func accept(_ event: EngineEvent) -> [GenerationEvent] {
        if isComplete { return [] }
        switch event {
        case .started(let cachedTokens):
            usage.cachedTokens = cachedTokens
            return [.started(cachedTokens: cachedTokens)]
        case .promptLogProbabilities(let positions):
            return [.promptReports(positions.map { $0.map(scores.report) })]
        case .contextLogits(let rows):
            return [.contextLogits(rows)]
        // What is made text of asks for none.
        case .embedding: return []
        case .token(let choice, let id, let logProbabilities):
            guard choices.indices.contains(choice) else { return [] }
            return passOn(choices[choice].append(id, report: logProbabilities.map(scores.report)))
        case .finished(let choice, let reason):
            guard choices.indices.contains(choice) else { return [] }
            let (reason, cause) = Self.translate(reason)
            return passOn(choices[choice].end(reason, cause: cause))
        }
    }

    /// Ends all choices, when the engine ended the request without saying so.
    package mutating func abandon() -> [GenerationEvent] {
        var events: [GenerationEvent] = []
        for choice in choices.indices where !isComplete {
            events += passOn(choices[choice].end(.cancelled, cause: nil))
        }
        return events
    }

    private mutating func passOn(_ events: [GenerationEvent]) -> [GenerationEvent] {
        var events = coalescer.pass(events)
        let isEnd = !isComplete && choices.allSatisfy(\.isFinished)
        if best != nil {
            best?.hold(events)
            events = isEnd ? best?.ranked(choices, reportsTokens: reportsTokens) ?? [] : []
        }
        if isEnd {
            isComplete = true
            let returned = best?.winners(choices) ?? Array(choices.indices)
            usage.completionTokens = returned.reduce(0) { $0 + choices[$1].completionTokens }
            events.append(.usage(usage))
        }
        return events
    }

    private static func translate(_ reason: EngineFinishReason) -> (FinishReason, StopCause?) {
        switch reason {
        case .end: (.stop, nil)
        case .stop(let token): (.stop, .token(token))
        case .length: (.length, nil)
        case .complete: (.stop, nil)
        // Whoever reads the engine's events has ended the request by then.
        case .cancelled, .failed: (.cancelled, nil)
        }
    }
}
