/// Writes the events of a streamed completion into a reused buffer; empty keys are kept as `null`.
public struct CompletionChunkWriter: Sendable {
    /// The keys before the choices, the same for every chunk.
    private let head: [UInt8]
    /// Where the text of each choice's next scored token begins.
    private var offsets: [Int]

    /// A writer for one answer of so many choices over all prompts.
    public init(_ identity: ResponseIdentity, choices: Int) {
        var bytes: [UInt8] = []
        bytes.put("data: ")
        identity.appendHead(object: "text_completion", to: &bytes)
        head = bytes
        offsets = Array(repeating: 0, count: choices)
    }

    /// A piece of a choice, with the prompt's report when this is the first, and its end when it is the last.
    public mutating func append(
        text: String,
        choice: Int,
        tokenIDs: [Int32]?,
        scores: [TokenScores]?,
        promptScores: [[RankedToken]?]? = nil,
        promptTokenIDs: [Int32]? = nil,
        finish: ChoiceFinish?,
        usage: Usage?,
        to bytes: inout [UInt8],
    ) {
        bytes.append(contentsOf: head)
        bytes.put("[{\"index\":")
        bytes.put(integer: choice)
        bytes.put(",\"text\":")
        bytes.put(string: text)
        bytes.put(",\"token_ids\":")
        bytes.put(optional: tokenIDs) { $0.put(integers: $1) }
        bytes.put(",\"logprobs\":")
        if let scores {
            CompletionLogProbabilities.append(scores, offset: &offsets[choice], to: &bytes)
        } else {
            bytes.put("null")
        }
        PromptLogProbabilities.append(promptScores, to: &bytes)
        bytes.put(promptTokenIDs: promptTokenIDs)
        bytes.put(",")
        bytes.put(finish: finish)
        bytes.put("}]")
        close(usage, to: &bytes)
    }

    /// The chunk with the whole usage and no choice.
    public func append(finalUsage usage: Usage, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: head)
        bytes.put("[]")
        close(usage, to: &bytes)
    }

    private func close(_ usage: Usage?, to bytes: inout [UInt8]) {
        bytes.put(",\"usage\":")
        bytes.put(optional: usage) { $1.append(to: &$0) }
        bytes.put("}\n\n")
    }
}
