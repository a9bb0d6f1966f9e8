public import OrderedJSON

/// One item of a response's output: a block of the answer with its name.
public struct ResponseItem: Sendable {
    /// `msg_`, `rs_` or `fc_` and 32 hexadecimal digits.
    public let id: String
    /// What it holds.
    public var block: AnswerBlock
    /// The reports of its text's tokens, when asked for.
    public var scores: [TokenScores] = []

    /// An item of a block that has just begun.
    public init(_ block: AnswerBlock) {
        let prefix =
            switch block.kind {
            case .reasoning: "rs_"
            case .text: "msg_"
            case .call: "fc_"
            }
        id = ResponseIdentity.freshID(prefix: prefix)
        self.block = block
    }

    /// The item as it is when it has begun, or when it has ended.
    public func json(isComplete: Bool) -> JSONValue {
        let status = JSONValue.string(isComplete ? "completed" : "in_progress")
        switch block.kind {
        case .reasoning:
            return [
                "id": .string(id), "type": "reasoning", "summary": [],
                "content": isComplete ? [part(isComplete: true)] : [], "encrypted_content": nil, "status": status,
            ]
        case .text:
            return [
                "id": .string(id), "type": "message", "role": "assistant", "status": status,
                "content": isComplete ? [part(isComplete: true)] : [],
            ]
        case .call(let callID, let name):
            return [
                "id": .string(id), "type": "function_call", "call_id": .string(callID), "name": .string(name),
                "arguments": .string(isComplete ? block.text : ""), "status": status,
            ]
        }
    }

    /// The one part of its content.
    func part(isComplete: Bool) -> JSONValue {
        let text = JSONValue.string(isComplete ? block.text : "")
        guard block.kind == .text else { return ["type": "reasoning_text", "text": text] }
        return [
            "type": "output_text", "text": text, "annotations": [],
            "logprobs": .array(isComplete ? scores.map(\.json) : []),
        ]
    }
}

extension TokenScores {
    /// The report as chats have it too.
    var json: JSONValue {
        var entry = chosen.json
        entry["top_logprobs"] = .array(top.map { .object($0.json) })
        return .object(entry)
    }
}

extension ScoredToken {
    fileprivate var json: JSONObject {
        let value = logProbability.map { $0.isFinite ? max($0, -9999) : -9999 } ?? 0
        return [
            "token": .string(text), "logprob": .number(Double(value)), "bytes": .array(bytes.map { .integer(Int($0)) }),
        ]
    }
}
