import OrderedJSON

/// Writes Anthropic's message: whole, or as the events of a stream.
public struct MessageWriter: Sendable {
    private let id: String
    private let model: String

    /// A writer for one answer.
    public init(id: String, model: String) {
        self.id = id
        self.model = model
    }

    /// The whole message.
    public func body(_ blocks: [AnswerBlock], finish: ChoiceFinish?, usage: Usage) -> [UInt8] {
        message(content: blocks.map { Self.block($0, filled: true) }, finish: finish, usage: usage).serialized
    }

    /// The first event: a message without content.
    public func appendStart(usage: Usage, to bytes: inout [UInt8]) {
        let message = message(content: [], finish: nil, usage: usage)
        append("message_start", ["message": message], to: &bytes)
    }

    /// A block begins.
    public func append(begin block: AnswerBlock, index: Int, to bytes: inout [UInt8]) {
        let block = Self.block(AnswerBlock(block.kind), filled: false)
        append("content_block_start", ["index": .integer(index), "content_block": block], to: &bytes)
    }

    /// A block grows; written by hand, since there is one for every piece of text.
    public func append(grow kind: AnswerBlock.Kind, by text: String, index: Int, to bytes: inout [UInt8]) {
        bytes.put("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        bytes.put(integer: index)
        switch kind {
        case .reasoning: bytes.put(",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":")
        case .text: bytes.put(",\"delta\":{\"type\":\"text_delta\",\"text\":")
        case .call: bytes.put(",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":")
        }
        bytes.put(string: text)
        bytes.put("}}\n\n")
    }

    /// A block ends; thoughts with the signature that clients want to see.
    public func append(end kind: AnswerBlock.Kind, index: Int, to bytes: inout [UInt8]) {
        if kind == .reasoning {
            let delta: JSONValue = ["type": "signature_delta", "signature": ""]
            append("content_block_delta", ["index": .integer(index), "delta": delta], to: &bytes)
        }
        append("content_block_stop", ["index": .integer(index)], to: &bytes)
    }

    /// The last events: why it ended, the counts, the end.
    public func appendEnd(finish: ChoiceFinish?, usage: Usage, to bytes: inout [UInt8]) {
        let (reason, sequence) = Self.stop(finish)
        let delta: JSONValue = ["stop_reason": reason, "stop_sequence": sequence]
        append("message_delta", ["delta": delta, "usage": Self.counts(usage)], to: &bytes)
        append("message_stop", [:], to: &bytes)
    }

    /// An error inside a stream.
    public func append(_ error: ErrorBody, to bytes: inout [UInt8]) {
        bytes.put("event: error\ndata: ")
        bytes += MessageError.body(error)
        bytes.put("\n\n")
    }

    private func append(_ type: String, _ members: JSONObject, to bytes: inout [UInt8]) {
        var event: JSONObject = ["type": .string(type)]
        for (key, value) in members { event[key] = value }
        bytes += Array("event: \(type)\ndata: ".utf8)
        JSONWriter.append(.object(event), to: &bytes)
        bytes.put("\n\n")
    }

    private func message(content: [JSONValue], finish: ChoiceFinish?, usage: Usage) -> JSONValue {
        let (reason, sequence) = Self.stop(finish)
        return [
            "id": .string(id), "type": "message", "role": "assistant", "model": .string(model),
            "content": .array(content), "stop_reason": reason, "stop_sequence": sequence,
            "usage": Self.counts(usage),
        ]
    }

    /// Tokens of the prompt that came from the cache are counted apart, as Anthropic does.
    private static func counts(_ usage: Usage) -> JSONValue {
        [
            "input_tokens": .integer(usage.promptTokens - usage.cachedTokens), "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": .integer(usage.cachedTokens), "output_tokens": .integer(usage.completionTokens),
        ]
    }

    private static func stop(_ finish: ChoiceFinish?) -> (reason: JSONValue, sequence: JSONValue) {
        if case .string(let text) = finish?.stopReason { return ("stop_sequence", .string(text)) }
        switch finish?.reason {
        case nil: return (.null, .null)
        case "length": return ("max_tokens", .null)
        case "tool_calls": return ("tool_use", .null)
        default: return ("end_turn", .null)
        }
    }

    private static func block(_ block: AnswerBlock, filled: Bool) -> JSONValue {
        switch block.kind {
        case .reasoning: ["type": "thinking", "thinking": .string(block.text), "signature": ""]
        case .text: ["type": "text", "text": .string(block.text)]
        case .call(let id, let name):
            [
                "type": "tool_use", "id": .string(id), "name": .string(name),
                "input": filled ? input(block.text) : [:],
            ]
        }
    }

    /// The arguments as an object; text that isn't one is kept under a name.
    private static func input(_ text: String) -> JSONValue {
        guard let value = try? JSONParser.parse(text), value.objectValue != nil else {
            return text.isEmpty ? [:] : ["arguments": .string(text)]
        }
        return value
    }
}
