import OrderedJSON

/// Anthropic's messages, whose content is text or a list of blocks, as messages of a chat.
enum MessageBlocks {
    /// The messages that one message is: results of tools are messages of their own.
    static func chatMessages(_ value: JSONValue, field: String) throws(ValidationError) -> [JSONValue] {
        guard let message = value.objectValue else {
            throw .wrongType(field: field, expected: "an object", found: value.kindName)
        }
        guard let roleValue = message["role"] else { throw .missing(field: "\(field).role") }
        let role = try FieldReader.string(roleValue, "\(field).role")
        guard role == "user" || role == "assistant" else {
            throw .outOfRange(field: "\(field).role", value: "'\(role.excerpt)'", allowed: "'user' or 'assistant'")
        }
        guard let content = message["content"] else { throw .missing(field: "\(field).content") }
        if case .string = content { return [["role": .string(role), "content": content]] }
        guard let blocks = content.arrayValue else {
            let expected = "a string or a list of blocks"
            throw .wrongType(field: "\(field).content", expected: expected, found: content.kindName)
        }
        return role == "user"
            ? try userMessages(blocks, field: "\(field).content")
            : [try assistantMessage(blocks, field: "\(field).content")]
    }

    /// The text of a string or of a list of text blocks, which are joined by newlines.
    static func text(_ content: JSONValue, field: String) throws(ValidationError) -> String {
        if case .string(let text) = content { return text }
        guard let blocks = content.arrayValue else {
            throw .wrongType(field: field, expected: "a string or a list of text blocks", found: content.kindName)
        }
        var texts: [String] = []
        for (index, value) in blocks.enumerated() {
            let place = "\(field)[\(index)]"
            let (type, block) = try block(value, field: place)
            guard type == "text" else { throw wrongBlock(type, field: place) }
            texts.append(try member("text", of: block, field: place))
        }
        return texts.joined(separator: "\n")
    }

    private static func userMessages(_ blocks: [JSONValue], field: String) throws(ValidationError) -> [JSONValue] {
        var messages: [JSONValue] = []
        var texts: [String] = []
        for (index, value) in blocks.enumerated() {
            let place = "\(field)[\(index)]"
            let (type, block) = try block(value, field: place)
            switch type {
            case "text": texts.append(try member("text", of: block, field: place))
            case "tool_result":
                if !texts.isEmpty { messages.append(user(texts)) }
                texts = []
                var result: JSONObject = ["role": "tool"]
                result["tool_call_id"] = .string(try member("tool_use_id", of: block, field: place))
                result["content"] = .string(try text(block["content"] ?? "", field: "\(place).content"))
                messages.append(.object(result))
            default: throw wrongBlock(type, field: place)
            }
        }
        if !texts.isEmpty || messages.isEmpty { messages.append(user(texts)) }
        return messages
    }

    private static func user(_ texts: [String]) -> JSONValue {
        ["role": "user", "content": .string(texts.joined(separator: "\n"))]
    }

    private static func assistantMessage(_ blocks: [JSONValue], field: String) throws(ValidationError) -> JSONValue {
        var texts: [String] = []
        var thoughts: [String] = []
        var calls: [JSONValue] = []
        for (index, value) in blocks.enumerated() {
            let place = "\(field)[\(index)]"
            let (type, block) = try block(value, field: place)
            switch type {
            case "text": texts.append(try member("text", of: block, field: place))
            case "thinking": thoughts.append(try member("thinking", of: block, field: place))
            // What only the server that made it can read.
            case "redacted_thinking": break
            case "tool_use":
                let function: JSONObject = [
                    "name": .string(try member("name", of: block, field: place)),
                    "arguments": .string((block["input"] ?? [:]).serializedText),
                ]
                let id = JSONValue.string(try member("id", of: block, field: place))
                calls.append(["id": id, "type": "function", "function": .object(function)])
            default: throw wrongBlock(type, field: place)
            }
        }
        var message: JSONObject = ["role": "assistant", "content": .string(texts.joined(separator: "\n"))]
        if !thoughts.isEmpty { message["reasoning_content"] = .string(thoughts.joined(separator: "\n")) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        return .object(message)
    }

    private static func block(
        _ value: JSONValue,
        field: String
    ) throws(ValidationError) -> (type: String, members: JSONObject) {
        guard let block = value.objectValue else {
            throw .wrongType(field: field, expected: "an object", found: value.kindName)
        }
        guard let type = block["type"] else { throw .missing(field: "\(field).type") }
        return (try FieldReader.string(type, "\(field).type"), block)
    }

    private static func member(
        _ name: String,
        of block: JSONObject,
        field: String
    ) throws(ValidationError) -> String {
        guard let value = block[name] else { throw .missing(field: "\(field).\(name)") }
        return try FieldReader.string(value, "\(field).\(name)")
    }

    private static func wrongBlock(_ type: String, field: String) -> ValidationError {
        let message =
            TextOnly.otherParts.contains(type)
            ? "\(field): this model takes text only, not blocks of type '\(type)'"
            : "\(field): blocks of type '\(type.excerpt)' are not supported"
        return .invalid(field: field, message: message)
    }
}
