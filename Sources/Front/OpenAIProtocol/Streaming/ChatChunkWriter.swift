/// Writes the events of a streamed chat into a reused buffer; what is empty is left out, except a `finish_reason`.
public struct ChatChunkWriter: Sendable {
    /// The keys before the choices, the same for every chunk.
    private let head: [UInt8]

    /// A writer for one answer.
    public init(_ identity: ResponseIdentity) {
        var bytes: [UInt8] = []
        bytes.put("data: ")
        identity.appendHead(object: "chat.completion.chunk", to: &bytes)
        head = bytes
    }

    /// The first chunk of a choice: who speaks, and no text yet.
    ///
    /// The first of them has the prompt's report and tokens, where they are asked for. Such chunks end with a space, as the reference's do.
    public func append(
        role: String,
        choice: Int,
        promptScores: [[RankedToken]?]? = nil,
        promptTokenIDs: [Int32]? = nil,
        usage: Usage?,
        to bytes: inout [UInt8],
    ) {
        open(choice: choice, to: &bytes)
        bytes.put("\"role\":")
        bytes.put(string: role)
        bytes.put(",\"content\":\"\"}")
        close(finish: nil, promptScores: promptScores, promptTokenIDs: promptTokenIDs, usage, to: &bytes)
        bytes.put(" \n\n")
    }

    /// The second first chunk of a choice: the text it continues.
    public func append(echo text: String, choice: Int, usage: Usage?, to bytes: inout [UInt8]) {
        open(choice: choice, to: &bytes)
        bytes.put("\"content\":")
        bytes.put(string: text)
        bytes.put("}")
        close(finish: nil, usage, to: &bytes)
        bytes.put(" \n\n")
    }

    /// A piece of a choice, with its end when this is the last.
    public func append(
        _ delta: ChatDelta,
        choice: Int,
        scores: [TokenScores]?,
        tokenIDs: [Int32]? = nil,
        finish: ChoiceFinish?,
        usage: Usage?,
        to bytes: inout [UInt8],
    ) {
        open(choice: choice, to: &bytes)
        delta.append(to: &bytes)
        bytes.put("}")
        if let scores {
            bytes.put(",\"logprobs\":")
            ChatLogProbabilities.append(scores, to: &bytes)
        }
        bytes.put(tokenIDs: tokenIDs)
        close(finish: finish, usage, to: &bytes)
        bytes.put("\n\n")
    }

    /// The chunk with the whole usage and no choice.
    public func append(finalUsage usage: Usage, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: head)
        bytes.put("[]")
        end(usage, to: &bytes)
        bytes.put("\n\n")
    }

    private func open(choice: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: head)
        bytes.put("[{\"index\":")
        bytes.put(integer: choice)
        bytes.put(",\"delta\":{")
    }

    private func close(
        finish: ChoiceFinish?,
        promptScores: [[RankedToken]?]? = nil,
        promptTokenIDs: [Int32]? = nil,
        _ usage: Usage?,
        to bytes: inout [UInt8],
    ) {
        bytes.put(",\"finish_reason\":")
        bytes.put(optional: finish?.reason) { $0.put(string: $1) }
        if let stopReason = finish?.stopReason {
            bytes.put(",\"stop_reason\":")
            stopReason.append(to: &bytes)
        }
        bytes.put("}]")
        PromptLogProbabilities.append(promptScores, to: &bytes)
        bytes.put(promptTokenIDs: promptTokenIDs)
        end(usage, to: &bytes)
    }

    private func end(_ usage: Usage?, to bytes: inout [UInt8]) {
        if let usage {
            bytes.put(",\"usage\":")
            usage.append(to: &bytes)
        }
        bytes.put("}")
    }
}
