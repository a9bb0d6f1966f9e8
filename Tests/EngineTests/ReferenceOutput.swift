import Engine
import Models

/// What a choice of a request must produce, computed alone and without cache, batch or chunks.
func referenceOutput(_ request: EngineRequest, choice: Int, _ model: ScriptedModel) -> Output {
    var sampler = Sampler(vocabularySize: model.limits.vocabularySize)
    var progress = ChoiceProgress(request)
    var output = Output()
    if request.maxTokens == 0 { output.reason = .length }
    while output.reason == nil {
        let logits = model.logits(after: request.promptTokens + output.tokens)
        let run = logits.withUnsafeBufferPointer { logits in
            sampler.grow(
                logits,
                request: request,
                progress: &progress,
                choice: choice,
                outputCount: output.tokens.count,
            )
        }
        for token in [run.first].compactMap(\.self) + run.rest where output.reason == nil {
            if let report = token.logProbabilities { output.logProbabilities.append(report) }
            output.take(token.id, request)
        }
        switch run.ending {
        case nil: break
        case .complete: if output.reason == nil || output.reason == .length { output.reason = .complete }
        case .failed(let why): output.reason = output.reason ?? .failed(why)
        }
    }
    return output
}

extension Output {
    fileprivate mutating func take(_ token: Int32, _ request: EngineRequest) {
        tokens.append(token)
        if request.endTokens.contains(token) {
            reason = .end(token)
        } else if request.stopTokens.contains(token) {
            reason = .stop(token)
        } else if tokens.count == request.maxTokens {
            reason = .length
        }
    }
}

/// One choice's output.
struct Output: Equatable {
    var tokens: [Int32] = []
    var logProbabilities: [PositionLogProbabilities] = []
    var reason: EngineFinishReason?
}

/// All events of a request, folded.
func collect(_ stream: EngineStream) async throws -> Collected {
    var collected = Collected()
    for try await event in stream { collected.add(event) }
    return collected
}

/// One request's events, folded.
struct Collected {
    var startedWith: Int?
    var outputs: [Int: Output] = [:]
    var promptLogProbabilities: [PositionLogProbabilities?]?
    var contextLogits: [[Float]]?
    var embedding: [Float]?
    var isLast = false
    /// What the events were, in order.
    var names: [String] = []

    mutating func add(_ event: EngineEvent) {
        names.append(Self.name(of: event))
        switch event {
        case .started(let cachedTokens): startedWith = cachedTokens
        case .promptLogProbabilities(let entries): promptLogProbabilities = entries
        case .contextLogits(let rows): contextLogits = rows
        case .embedding(let vector): embedding = vector
        case .token(let choice, let id, let logProbabilities):
            outputs[choice, default: Output()].tokens.append(id)
            if let logProbabilities { outputs[choice]?.logProbabilities.append(logProbabilities) }
        case .finished(let choice, let reason): outputs[choice, default: Output()].reason = reason
        }
    }

    private static func name(of event: EngineEvent) -> String {
        switch event {
        case .started: "started"
        case .promptLogProbabilities: "prompt"
        case .contextLogits: "logits"
        case .embedding: "embedding"
        case .token: "token"
        case .finished: "finished"
        }
    }
}
