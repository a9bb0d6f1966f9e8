public import OrderedJSON

/// The items of a conversation, as messages of a chat.
public enum ResponseItems {
    /// The items of an `input`: a list of them, or a text, which is one message of the user's.
    static func list(_ value: JSONValue, field: String) throws(ValidationError) -> [JSONValue] {
        if case .string = value { return [["type": "message", "role": "user", "content": value]] }
        guard let items = value.arrayValue else {
            throw .wrongType(field: field, expected: "a string or a list of items", found: value.kindName)
        }
        guard !items.isEmpty else { throw .invalid(field: field, message: "\(field) must contain at least 1 item") }
        return items
    }

    /// Items as they are told again: with their type and a name of their own.
    public static func named(_ items: [JSONValue]) -> [JSONValue] {
        items.map { value in
            guard var item = value.objectValue else { return value }
            let type = item["type"]?.stringValue ?? "message"
            item["type"] = .string(type)
            guard item["id"]?.stringValue == nil else { return .object(item) }
            let prefixes = ["function_call": "fc_", "function_call_output": "fco_", "reasoning": "rs_"]
            item["id"] = .string(ResponseIdentity.freshID(prefix: prefixes[type] ?? "msg_"))
            return .object(item)
        }
    }

    /// The messages that items are; thoughts and calls belong to the assistant's message beside them.
    ///
    /// - Parameter first: The number of the first item, for messages of errors; below 0 for those of earlier responses.
    static func chatMessages(_ items: [JSONValue], from first: Int) throws(ValidationError) -> [JSONValue] {
        var turn = AssistantTurn()
        var messages: [JSONValue] = []
        for (offset, value) in items.enumerated() {
            let field = "input[\(first + offset)]"
            guard let item = value.objectValue else {
                throw .wrongType(field: field, expected: "an object", found: value.kindName)
            }
            switch item["type"] {
            case nil, .null, "message":
                let (role, text) = try message(item, field: field)
                if role == "assistant" {
                    // Text after calls is a turn of its own.
                    if turn.hasCalls { messages += turn.take() }
                    turn.add(text: text)
                } else {
                    messages += turn.take()
                    messages.append(["role": .string(role == "developer" ? "system" : role), "content": .string(text)])
                }
            case "reasoning": turn.add(thoughts: try thoughts(item, field: field))
            case "function_call":
                turn.add(
                    call: try member("call_id", of: item, field),
                    name: try member("name", of: item, field),
                    arguments: try member("arguments", of: item, field)
                )
            case "function_call_output":
                messages += turn.take()
                let id = JSONValue.string(try member("call_id", of: item, field))
                let text = JSONValue.string(try text(item["output"] ?? "", field: "\(field).output"))
                messages.append(["role": "tool", "tool_call_id": id, "content": text])
            case .some(let type):
                let name = (type.stringValue ?? type.serializedText).excerpt
                throw .invalid(field: "\(field).type", message: "\(field): items of type '\(name)' are not supported")
            }
        }
        return messages + turn.take()
    }

    /// System messages at the beginning as one: many templates know no second.
    static func joinedSystemMessages(_ messages: [JSONValue]) -> [JSONValue] {
        let heads = messages.prefix { $0["role"] == "system" }
        guard heads.count > 1 else { return messages }
        let text = heads.compactMap { $0["content"]?.stringValue }.joined(separator: "\n\n")
        return [["role": "system", "content": .string(text)]] + messages.dropFirst(heads.count)
    }

    private static func message(
        _ item: JSONObject,
        field: String
    ) throws(ValidationError) -> (role: String, text: String) {
        let role = try member("role", of: item, field)
        guard ["user", "assistant", "system", "developer"].contains(role) else {
            let allowed = "'user', 'assistant', 'system' or 'developer'"
            throw .outOfRange(field: "\(field).role", value: "'\(role.excerpt)'", allowed: allowed)
        }
        guard let content = item["content"] else { throw .missing(field: "\(field).content") }
        return (role, try text(content, field: "\(field).content"))
    }

    private static func text(_ content: JSONValue, field: String) throws(ValidationError) -> String {
        if case .string(let text) = content { return text }
        guard let parts = content.arrayValue else {
            throw .wrongType(field: field, expected: "a string or a list of parts", found: content.kindName)
        }
        var texts: [String] = []
        for (index, value) in parts.enumerated() {
            let place = "\(field)[\(index)]"
            guard let part = value.objectValue else {
                throw .wrongType(field: place, expected: "an object", found: value.kindName)
            }
            switch try member("type", of: part, place) {
            case "input_text", "output_text", "text": texts.append(try member("text", of: part, place))
            case "refusal": texts.append(try member("refusal", of: part, place))
            case let type where TextOnly.otherParts.contains(type):
                throw .invalid(
                    field: place,
                    message: "\(place): this model takes text only, not parts of type '\(type)'"
                )
            case let type:
                throw .invalid(field: place, message: "\(place): parts of type '\(type.excerpt)' are not supported")
            }
        }
        return texts.joined(separator: "\n")
    }

    private static func thoughts(_ item: JSONObject, field: String) throws(ValidationError) -> String {
        var texts: [String] = []
        for key in ["content", "summary"] where texts.isEmpty {
            for (index, part) in (item[key]?.arrayValue ?? []).enumerated() {
                let place = "\(field).\(key)[\(index)]"
                guard let part = part.objectValue else {
                    throw .wrongType(field: place, expected: "an object", found: part.kindName)
                }
                texts.append(try member("text", of: part, place))
            }
        }
        return texts.joined(separator: "\n")
    }

    private static func member(
        _ name: String,
        of object: JSONObject,
        _ field: String
    ) throws(ValidationError) -> String {
        guard let value = object[name] else { throw .missing(field: "\(field).\(name)") }
        return try FieldReader.string(value, "\(field).\(name)")
    }
}

/// The assistant's items that follow one another, as one message.
private struct AssistantTurn {
    private var texts: [String] = []
    private var thoughts: [String] = []
    private var calls: [JSONValue] = []

    var hasCalls: Bool { !calls.isEmpty }

    mutating func add(text: String) { texts.append(text) }

    mutating func add(thoughts text: String) {
        if !text.isEmpty { thoughts.append(text) }
    }

    mutating func add(call id: String, name: String, arguments: String) {
        let function: JSONValue = ["name": .string(name), "arguments": .string(arguments)]
        calls.append(["id": .string(id), "type": "function", "function": function])
    }

    /// The message, unless there is nothing to it; the next begins.
    mutating func take() -> [JSONValue] {
        guard !texts.isEmpty || !calls.isEmpty else { return [] }
        var message: JSONObject = ["role": "assistant", "content": .string(texts.joined(separator: "\n"))]
        if !thoughts.isEmpty { message["reasoning_content"] = .string(thoughts.joined(separator: "\n")) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        self = AssistantTurn()
        return [.object(message)]
    }
}
