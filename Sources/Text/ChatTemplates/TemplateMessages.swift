public import OrderedJSON

/// Messages as templates expect them: those of a request after what `transformers` and servers do before rendering.
public enum TemplateMessages {
    /// Most bytes of arguments that are parsed for one rendering: a tree takes up to a hundred times the memory.
    static let longestArguments = 1 << 20

    /// The names that a message's thoughts go by, the one that templates read first.
    private static let reasoningNames = ["reasoning_content", "thinking", "reasoning"]

    /// The messages that a template gets.
    ///
    /// Members that are null are left out, for templates ask whether there is `content`, not whether it is null;
    /// thoughts are found under `reasoning_content` and `thinking`, whichever name the request had for them; and
    /// arguments of tool calls, which are the text of a JSON object in requests, are that object. Arguments that are no
    /// such text stay as they are.
    ///
    /// - Parameter parsesArguments: Whether arguments become objects.
    /// - Throws: `TemplateError` of kind `limit` when there are more than a mebibyte of arguments.
    public static func prepared(
        _ messages: [JSONValue],
        parsesArguments: Bool = true,
    ) throws(TemplateError) -> [JSONValue] {
        var argumentBytes = 0
        var prepared: [JSONValue] = []
        prepared.reserveCapacity(messages.count)
        for message in messages {
            guard case .object(let members) = message else {
                prepared.append(message)
                continue
            }
            var present = JSONObject()
            for (name, value) in members where !value.isNull { present[name] = value }
            present = withReasoning(present)
            if parsesArguments, case .array(let calls)? = present["tool_calls"] {
                present["tool_calls"] = .array(
                    try calls.map { call throws(TemplateError) in try withParsedArguments(call, &argumentBytes) }
                )
            }
            prepared.append(.object(present))
        }
        return prepared
    }

    private static func withReasoning(_ message: JSONObject) -> JSONObject {
        guard let reasoning = reasoningNames.lazy.compactMap({ message[$0] }).first else { return message }
        var named = JSONObject([("thinking", reasoning)])
        for (name, value) in message { named[name] = value }
        named["reasoning_content"] = reasoning
        return named
    }

    private static func withParsedArguments(_ call: JSONValue, _ bytes: inout Int) throws(TemplateError) -> JSONValue {
        guard case .object(var members) = call, case .object(var function)? = members["function"],
            case .string(let text)? = function["arguments"]
        else { return call }
        bytes += text.utf8.count
        guard bytes <= longestArguments else {
            throw TemplateError(.limit, "arguments of tool calls have more than \(longestArguments) bytes", line: 1)
        }
        guard let parsed = text.isEmpty ? [:] : try? JSONParser.parse(text), case .object = parsed else { return call }
        function["arguments"] = parsed
        members["function"] = .object(function)
        return .object(members)
    }
}
