/// What a chat's reply grows by, on the wire.
public enum ChatDelta: Sendable, Hashable {
    /// Text of the answer.
    case content(String)
    /// Text of the thoughts before it.
    case reasoning(String)
    /// A call of a function begins.
    case toolCall(index: Int, id: String, name: String)
    /// The arguments of the call of that index go on.
    case toolArguments(index: Int, text: String)

    /// Appends the members of `delta`.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .content(let text):
            bytes.put("\"content\":")
            bytes.put(string: text)
        case .reasoning(let text):
            // The two names that clients know.
            bytes.put("\"reasoning_content\":")
            bytes.put(string: text)
            bytes.put(",\"reasoning\":")
            bytes.put(string: text)
        case .toolCall(let index, let id, let name):
            bytes.put("\"tool_calls\":[{\"index\":")
            bytes.put(integer: index)
            bytes.put(",")
            bytes.put(callID: id, name: name, arguments: "")
            bytes.put("]")
        case .toolArguments(let index, let text):
            bytes.put("\"tool_calls\":[{\"index\":")
            bytes.put(integer: index)
            bytes.put(",\"function\":{\"arguments\":")
            bytes.put(string: text)
            bytes.put("}}]")
        }
    }
}

/// A call of a function in a whole reply.
public struct ChatToolCall: Sendable, Hashable {
    /// What the client sends back with the result.
    public var id: String
    /// The function.
    public var name: String
    /// The text of a JSON object.
    public var arguments = ""

    /// A call without arguments so far.
    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }

    func append(to bytes: inout [UInt8]) {
        bytes.put("{")
        bytes.put(callID: id, name: name, arguments: arguments)
    }
}

extension [UInt8] {
    /// The members of a call, and its closing brace.
    fileprivate mutating func put(callID id: String, name: String, arguments: String) {
        put("\"id\":")
        put(string: id)
        put(",\"type\":\"function\",\"function\":{\"name\":")
        put(string: name)
        put(",\"arguments\":")
        put(string: arguments)
        put("}}")
    }
}
