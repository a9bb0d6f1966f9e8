internal import Models

/// What the loop keeps of a request from its submission to its end, besides what the scheduler knows.
struct LiveRequest {
    let request: EngineRequest
    let channel: EventChannel
    var timings: RequestTimings
    /// What each choice has seen, for penalties.
    var histories: [TokenHistory]
    /// Log-probabilities of the prompt's tokens so far; `nil` at the first.
    var promptLogProbabilities: [PositionLogProbabilities?] = [nil]
    /// Logits of the prompt's positions so far.
    var contextLogits: [[Float]] = []
    /// Hidden states of the prompt so far, of a request for an embedding.
    private var pooled: PooledStates?

    init(_ submission: Submission) {
        request = submission.request
        channel = submission.channel
        timings = RequestTimings(arrival: submission.arrival)
        let history = TokenHistory(promptTokens: request.promptTokens, parameters: request.sampling)
        histories = [TokenHistory](repeating: history, count: request.choiceCount)
    }

    /// Takes in what was read from a row of logits.
    ///
    /// - Returns: the chosen token, if it was read for one.
    mutating func take(_ reading: LogitReading) -> StepResult.Token? {
        switch reading {
        case .token(let token): return token
        case .score(let score): promptLogProbabilities.append(score)
        case .logits(let row): contextLogits.append(row)
        }
        return nil
    }

    /// Takes in some of the hidden states that a model's last batch asked for.
    mutating func pool(_ rows: Range<Int>, of model: any LanguageModel) {
        var states = pooled ?? PooledStates(width: model.limits.hiddenSize)
        states.add(rows, of: model)
        pooled = states
    }

    /// Completes the scheduler's events with those about the prompt, which come before the first token, and notes times.
    mutating func complete(_ events: [EngineEvent], at time: Double, isLast: Bool) -> [EngineEvent] {
        var events = events
        if request.maxTokens == 0, let end = events.firstIndex(where: \.isLength) {
            events.insert(contentsOf: takePromptEvents(), at: end)
        }
        if let first = events.firstIndex(where: \.isToken) {
            if timings.firstToken == nil {
                timings.firstToken = time
                events.insert(contentsOf: takePromptEvents(), at: first)
            }
            timings.lastToken = time
        }
        if isLast { timings.finished = time }
        return events
    }

    private mutating func takePromptEvents() -> [EngineEvent] {
        var events: [EngineEvent] = []
        if request.promptLogProbabilities != nil { events.append(.promptLogProbabilities(promptLogProbabilities)) }
        if request.returnContextLogits { events.append(.contextLogits(contextLogits)) }
        if let pooled { events.append(.embedding(pooled.mean)) }
        promptLogProbabilities = []
        contextLogits = []
        return events
    }
}
