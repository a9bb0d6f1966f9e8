internal import Models

/// What the loop keeps of a request from its submission to its end, besides what the scheduler knows.
struct LiveRequest {
    let request: EngineRequest
    let channel: EventChannel
    var record: RequestRecord
    /// Where each choice stands; `nil` while it is lent to whoever chooses its token.
    var choices: [ChoiceProgress?]
    /// Log-probabilities of the prompt's tokens so far; `nil` at the first.
    var promptLogProbabilities: [PositionLogProbabilities?] = [nil]
    /// Logits of the prompt's positions so far.
    var contextLogits: [[Float]] = []
    /// Its beams, when it has some.
    var beams: BeamGroup?
    private var hasReportedPrompt = false
    /// Hidden states of the prompt so far, of a request for an embedding.
    private var pooled: PooledStates?

    init(_ submission: Submission) {
        request = submission.request
        channel = submission.channel
        record = RequestRecord(id: submission.channel.id, arrival: submission.arrival)
        choices = [ChoiceProgress?](repeating: ChoiceProgress(request), count: request.sequenceCount)
        beams = BeamGroup(request)
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
        if let first = events.firstIndex(where: \.isToken) {
            record.firstToken = record.firstToken ?? time
            record.lastToken = time
            insertPromptEvents(into: &events, at: first)
        } else if let end = events.firstIndex(where: \.isEnd) {
            insertPromptEvents(into: &events, at: end)
        }
        if isLast { record.finished = time }
        return events
    }

    private mutating func insertPromptEvents(into events: inout [EngineEvent], at position: Int) {
        guard !hasReportedPrompt else { return }
        hasReportedPrompt = true
        var reports: [EngineEvent] = []
        if request.promptLogProbabilities != nil { reports.append(.promptLogProbabilities(promptLogProbabilities)) }
        if request.returnContextLogits { reports.append(.contextLogits(contextLogits)) }
        if let pooled { reports.append(.embedding(pooled.mean)) }
        promptLogProbabilities = []
        contextLogits = []
        events.insert(contentsOf: reports, at: position)
    }
}
