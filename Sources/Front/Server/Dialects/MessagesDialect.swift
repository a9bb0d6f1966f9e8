import Generation
import OpenAIProtocol

/// The answer to a chat as Anthropic writes it.
struct MessagesDialect: Dialect {
    private let writer: MessageWriter
    private var tracker: ChoiceTracker
    private var blocks = ContentBlocks()
    private var finish: ChoiceFinish?
    private var hasBegun = false

    init(_ request: ChatCompletionRequest, _ prepared: PreparedGeneration) {
        writer = MessageWriter(id: ResponseIdentity.freshID(prefix: "msg_"), model: request.model)
        tracker = ChoiceTracker(prompts: 1, choicesPerPrompt: 1, promptTokens: prepared.promptTokens.count)
    }

    mutating func append(_ event: GenerationEvent, prompt: Int, to bytes: inout [UInt8]) {
        let part = tracker.take(event, prompt: prompt)
        begin(to: &bytes)
        guard let part else { return }
        for delta in part.piece.deltas {
            let steps = blocks.take(delta)
            append(steps, to: &bytes)
        }
        finish = part.finish ?? finish
    }

    private mutating func begin(to bytes: inout [UInt8]) {
        guard !hasBegun else { return }
        hasBegun = true
        var usage = tracker.usage
        usage.completionTokens = 0
        writer.appendStart(usage: usage, to: &bytes)
    }

    private func append(_ steps: [ContentBlocks.Step], to bytes: inout [UInt8]) {
        for step in steps {
            switch step {
            case .begin(let index): writer.append(begin: blocks.all[index], index: index, to: &bytes)
            case .grow(let index, let text):
                writer.append(grow: blocks.all[index].kind, by: text, index: index, to: &bytes)
            case .end(let index): writer.append(end: blocks.all[index].kind, index: index, to: &bytes)
            }
        }
    }

    mutating func appendEnd(to bytes: inout [UInt8]) {
        begin(to: &bytes)
        let steps = blocks.finish()
        append(steps, to: &bytes)
        writer.appendEnd(finish: finish, usage: tracker.usage, to: &bytes)
    }

    func appendFailure(_ error: ErrorBody, to bytes: inout [UInt8]) { writer.append(error, to: &bytes) }

    mutating func collect(_ event: GenerationEvent, prompt: Int) {
        guard let part = tracker.take(event, prompt: prompt) else { return }
        for delta in part.piece.deltas { _ = blocks.take(delta) }
        finish = part.finish ?? finish
    }

    func body() -> WholeBody { .bytes(writer.body(blocks.all, finish: finish, usage: tracker.usage)) }
}
