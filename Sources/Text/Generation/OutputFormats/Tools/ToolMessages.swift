package import OrderedJSON

/// Calls and their results in messages, as templates know them that differ from most.
package enum ToolMessages {
    /// The messages of a chat as a template knows them.
    ///
    /// - Parameters:
    ///   - messages: The messages as most templates expect them: arguments of calls are objects.
    ///   - tools: The tools in OpenAI's shape; `nil` where there are none.
    ///   - template: The template's text.
    package static func adapted(
        _ messages: [JSONValue],
        tools: [JSONValue]?,
        to template: String,
    ) -> [JSONValue] {
        var messages = messages
        // Phi-4-mini's template finds the tools in the system message.
        let hasOwnTools = template.contains("'tools' in message")
        if hasOwnTools, let tools { messages = withTools(messages, tools) }
        guard messages.contains(where: { $0["tool_calls"] != nil || $0["role"] == "tool" }) else { return messages }
        if ToolCallFormat.harmony.isShown(template) { return withOneCallEach(messages) }
        if ToolCallFormat.glm40414.isShown(template) { return messages.flatMap(observed) }
        if template.contains("tool_calls") { return messages }
        return messages.map { message in
            guard var members = message.objectValue else { return message }
            if hasOwnTools, members["role"] == "tool" { members["role"] = "tool_response" }
            let (opener, closer) = hasOwnTools ? ("<|tool_call|>[", "]<|/tool_call|>") : ("<|tool_call|>[", "]")
            let isListed = hasOwnTools || ToolCallFormat.granite.isShown(template)
            return .object(isListed ? written(members, opener, ", ", closer) : written(members))
        }
    }

    /// A message whose calls are part of its text, in Hermes' format.
    static func written(_ message: JSONObject) -> JSONObject {
        written(message, "<tool_call>\n", "\n</tool_call>\n<tool_call>\n", "\n</tool_call>")
    }

    private static func written(
        _ message: JSONObject,
        _ opener: String,
        _ separator: String,
        _ closer: String,
    ) -> JSONObject {
        guard let calls = message["tool_calls"]?.arrayValue, !calls.isEmpty else { return message }
        var message = message
        message["tool_calls"] = nil
        let texts = calls.map { call in
            let function = call["function"] ?? call
            let plain: JSONValue = [
                "name": function["name"] ?? .null, "arguments": function["arguments"] ?? [:],
            ]
            return plain.spacedText
        }
        let text = message["content"]?.stringValue ?? ""
        message["content"] = .string(
            (text.isEmpty ? "" : text + "\n") + opener + texts.joined(separator: separator) + closer
        )
        return message
    }

    /// Messages whose system message has the tools.
    private static func withTools(_ messages: [JSONValue], _ tools: [JSONValue]) -> [JSONValue] {
        var messages = messages
        var system: JSONObject = ["role": "system", "content": ""]
        if let first = messages.first?.objectValue, first["role"] == "system" {
            system = first
            messages.removeFirst()
        }
        system["tools"] = .string(JSONValue.array(tools.map { $0["function"] ?? $0 }).spacedText)
        return [.object(system)] + messages
    }

    /// Messages of one call each, behind which its result stands: gpt-oss's template shows the first call of a message
    /// alone, and takes a result for that of the call in front of it.
    private static func withOneCallEach(_ messages: [JSONValue]) -> [JSONValue] {
        var result: [JSONValue] = []
        var rest = messages[...]
        while let message = rest.popFirst() {
            guard let members = message.objectValue, let calls = members["tool_calls"]?.arrayValue, calls.count > 1
            else {
                result.append(message)
                continue
            }
            let results = Array(rest.prefix { $0["role"] == "tool" })
            rest = rest.dropFirst(results.count)
            // Where each call's results are, the first at the end.
            var places: [JSONValue: [Int]] = [:]
            for (place, message) in results.enumerated().reversed() {
                if let id = message["tool_call_id"] { places[id, default: []].append(place) }
            }
            var isPlaced = Array(repeating: false, count: results.count)
            for (index, call) in calls.enumerated() {
                // What was thought and said, and whatever else there is, stands in front of all.
                var one = index == 0 ? members : ["role": members["role"] ?? .null]
                one["tool_calls"] = [call]
                result.append(.object(one))
                guard let id = call["id"], let own = places[id]?.popLast() else { continue }
                isPlaced[own] = true
                result.append(results[own])
            }
            result += zip(results, isPlaced).filter { !$0.1 }.map(\.0)
        }
        return result
    }

    /// A message as GLM-4's template knows it: calls are messages with the function's name as `metadata`, and results are
    /// observations.
    private static func observed(_ message: JSONValue) -> [JSONValue] {
        guard var members = message.objectValue else { return [message] }
        if members["role"] == "tool" {
            members["role"] = "observation"
            return [.object(members)]
        }
        guard let calls = members["tool_calls"]?.arrayValue, !calls.isEmpty else { return [message] }
        members["tool_calls"] = nil
        let hasText = members["content"]?.stringValue?.isEmpty == false
        return (hasText ? [.object(members)] : [])
            + calls.map { call in
                let function = call["function"] ?? call
                let arguments = function["arguments"] ?? [:]
                return [
                    "role": "assistant", "metadata": function["name"] ?? "",
                    "content": .string(arguments.stringValue ?? arguments.spacedText),
                ]
            }
    }
}
