public import OrderedJSON

/// Writes the typed events of a streamed response; each has the number of its place in the stream.
public struct ResponseEventWriter: Sendable {
    private var number = 0

    /// A writer at the beginning of a stream.
    public init() {}

    /// An event about the whole response, such as `response.created`.
    public mutating func append(_ type: String, response: JSONObject, to bytes: inout [UInt8]) {
        append(type, ["response": .object(response)], to: &bytes)
    }

    /// An item begins, with the part that its text goes into.
    public mutating func append(begin item: ResponseItem, index: Int, to bytes: inout [UInt8]) {
        let place = JSONValue.integer(index)
        append(
            "response.output_item.added",
            ["output_index": place, "item": item.json(isComplete: false)],
            to: &bytes
        )
        guard item.hasParts else { return }
        append("response.content_part.added", part(item, place, isComplete: false), to: &bytes)
    }

    /// An item grows; written by hand, since there is one for every piece of text.
    public mutating func append(
        grow item: ResponseItem,
        by text: String,
        scores: [TokenScores],
        index: Int,
        to bytes: inout [UInt8],
    ) {
        let type = item.deltaType
        bytes += Array("event: \(type)\ndata: {\"type\":\"\(type)\",\"sequence_number\":\(number)".utf8)
        number += 1
        bytes.put(",\"item_id\":")
        bytes.put(string: item.id)
        bytes.put(",\"output_index\":")
        bytes.put(integer: index)
        if item.hasParts { bytes.put(",\"content_index\":0") }
        bytes.put(",\"delta\":")
        bytes.put(string: text)
        if item.block.kind == .text {
            bytes.put(",\"logprobs\":")
            JSONWriter.append(.array(scores.map(\.json)), to: &bytes)
        }
        bytes.put("}\n\n")
    }

    /// An item ends.
    public mutating func append(end item: ResponseItem, index: Int, to bytes: inout [UInt8]) {
        let place = JSONValue.integer(index)
        var done: JSONObject = ["item_id": .string(item.id), "output_index": place]
        switch item.block.kind {
        case .text:
            done["content_index"] = 0
            done["text"] = .string(item.block.text)
            done["logprobs"] = .array(item.scores.map(\.json))
            append("response.output_text.done", done, to: &bytes)
        case .reasoning:
            done["content_index"] = 0
            done["text"] = .string(item.block.text)
            append("response.reasoning_text.done", done, to: &bytes)
        case .call(_, let name):
            done["name"] = .string(name)
            done["arguments"] = .string(item.block.text)
            append("response.function_call_arguments.done", done, to: &bytes)
        }
        if item.hasParts { append("response.content_part.done", part(item, place, isComplete: true), to: &bytes) }
        append("response.output_item.done", ["output_index": place, "item": item.json(isComplete: true)], to: &bytes)
    }

    private func part(_ item: ResponseItem, _ place: JSONValue, isComplete: Bool) -> JSONObject {
        [
            "item_id": .string(item.id), "output_index": place, "content_index": 0,
            "part": item.part(isComplete: isComplete),
        ]
    }

    private mutating func append(_ type: String, _ members: JSONObject, to bytes: inout [UInt8]) {
        var event: JSONObject = ["type": .string(type), "sequence_number": .integer(number)]
        number += 1
        for (key, value) in members { event[key] = value }
        bytes += Array("event: \(type)\ndata: ".utf8)
        JSONWriter.append(.object(event), to: &bytes)
        bytes.put("\n\n")
    }
}

extension ResponseItem {
    /// Whether its text is in a part; a call's arguments are not.
    fileprivate var hasParts: Bool {
        if case .call = block.kind { false } else { true }
    }

    fileprivate var deltaType: String {
        switch block.kind {
        case .text: "response.output_text.delta"
        case .reasoning: "response.reasoning_text.delta"
        case .call: "response.function_call_arguments.delta"
        }
    }
}
