import Generation
import OpenAIProtocol
import OrderedJSON

/// The answer to a chat as a response of OpenAI's, which is kept when it is asked for.
struct ResponsesDialect: Dialect {
    private let object: ResponseObject
    private let hasScores: Bool
    private let keep: @Sendable (JSONObject, _ output: [JSONValue]) -> Void
    private var writer = ResponseEventWriter()
    private var tracker: ChoiceTracker
    private var blocks = ContentBlocks()
    private var items: [ResponseItem] = []
    private var finish: ChoiceFinish?
    private var isCreated = false
    private var hasBegun = false
    private var reasoningTokens = 0

    /// - Parameter keep: Takes the response when it has ended, with its items.
    init(
        _ object: ResponseObject,
        _ prepared: PreparedGeneration,
        keep: @escaping @Sendable (JSONObject, _ output: [JSONValue]) -> Void,
    ) {
        self.object = object
        self.keep = keep
        hasScores = prepared.request.logProbabilities != nil
        tracker = ChoiceTracker(prompts: 1, choicesPerPrompt: 1, promptTokens: prepared.promptTokens.count)
    }

    mutating func append(_ event: GenerationEvent, prompt: Int, to bytes: inout [UInt8]) {
        begin(to: &bytes)
        for (step, scores) in take(event) {
            switch step {
            case .begin(let index): writer.append(begin: items[index], index: index, to: &bytes)
            case .grow(let index, let text):
                writer.append(grow: items[index], by: text, scores: scores, index: index, to: &bytes)
            case .end(let index): writer.append(end: items[index], index: index, to: &bytes)
            }
        }
    }

    /// Appends the beginning of a stream that has to wait.
    mutating func appendQueued(to bytes: inout [UInt8]) {
        isCreated = true
        let response = object.json(.queued)
        writer.append("response.created", response: response, to: &bytes)
        writer.append("response.queued", response: response, to: &bytes)
    }

    private mutating func begin(to bytes: inout [UInt8]) {
        guard !hasBegun else { return }
        hasBegun = true
        let response = object.json(.inProgress)
        if !isCreated { writer.append("response.created", response: response, to: &bytes) }
        writer.append("response.in_progress", response: response, to: &bytes)
    }

    /// What an event does to the items, with the reports of the text that it brings.
    private mutating func take(_ event: GenerationEvent) -> [(ContentBlocks.Step, [TokenScores])] {
        guard let part = tracker.take(event, prompt: 0) else { return [] }
        finish = part.finish ?? finish
        if part.piece.isThought { reasoningTokens += part.piece.tokens.count }
        var scores = hasScores ? part.piece.reports.map { TokenScores($0) } : []
        var steps: [(ContentBlocks.Step, [TokenScores])] = []
        for delta in part.piece.deltas {
            for step in blocks.take(delta) {
                // The reports of a piece are told with the first text in it.
                var told: [TokenScores] = []
                if case .grow(let index, _) = step, blocks.all[index].kind == .text { swap(&told, &scores) }
                note(step, told)
                steps.append((step, told))
            }
        }
        return steps
    }

    private mutating func note(_ step: ContentBlocks.Step, _ scores: [TokenScores]) {
        switch step {
        case .begin(let index): items.append(ResponseItem(AnswerBlock(blocks.all[index].kind)))
        case .grow(let index, let text):
            items[index].block.text += text
            items[index].scores += scores
        case .end: break
        }
    }

    mutating func appendEnd(to bytes: inout [UInt8]) {
        begin(to: &bytes)
        if blocks.all.isEmpty { addEmptyMessage(to: &bytes) }
        for step in blocks.finish() {
            if case .end(let index) = step { writer.append(end: items[index], index: index, to: &bytes) }
        }
        let (status, response) = ended()
        writer.append("response.\(status.rawValue)", response: response, to: &bytes)
    }

    /// An answer without any text is a message all the same.
    private mutating func addEmptyMessage(to bytes: inout [UInt8]) {
        let item = ResponseItem(AnswerBlock(.text))
        items.append(item)
        writer.append(begin: item, index: 0, to: &bytes)
        writer.append(end: item, index: 0, to: &bytes)
    }

    /// The response, which is kept now.
    private func ended() -> (ResponseObject.Status, JSONObject) {
        let status = ResponseObject.status(finish)
        let output = items.map { $0.json(isComplete: true) }
        let response = object.json(
            status,
            output: output,
            usage: tracker.usage,
            reasoningTokens: reasoningTokens,
        )
        keep(response, output)
        return (status, response)
    }

    mutating func appendFailure(_ error: ErrorBody, to bytes: inout [UInt8]) {
        begin(to: &bytes)
        let output = items.map { $0.json(isComplete: true) }
        let response = object.json(.failed, output: output, error: error)
        keep(response, output)
        writer.append("response.failed", response: response, to: &bytes)
    }

    mutating func collect(_ event: GenerationEvent, prompt: Int) { _ = take(event) }

    mutating func body() -> WholeBody {
        if items.isEmpty { items.append(ResponseItem(AnswerBlock(.text))) }
        return .bytes(JSONValue.object(ended().1).serialized)
    }
}

extension GenerationPiece {
    /// Whether it brings thoughts and no text of the answer.
    fileprivate var isThought: Bool {
        var isThought = false
        for delta in deltas {
            switch delta {
            case .reasoning: isThought = true
            case .content(""): break
            case .content, .toolCall, .toolArguments: return false
            }
        }
        return isThought
    }
}
