package import OrderedJSON

/// Tells a model about tools in its messages, where its chat template doesn't.
///
/// The functions are described in the system message, calls are written in Hermes' format, which
/// `ToolCallFormat.generic` reads, and results come as messages of the user.
package enum ToolInstructions {
    /// Whether a template tells about tools itself.
    package static func areNeeded(by template: String) -> Bool { !template.contains("tools") }

    /// The messages of a chat with tools for a template that knows none.
    ///
    /// - Parameters:
    ///   - messages: The messages as templates expect them: arguments of calls are objects.
    ///   - tools: The tools in OpenAI's shape; `nil` where a chat has only calls and results of such.
    ///   - hasSystemRole: Whether the template takes a system message; if not, the first message is given the text.
    package static func messages(
        _ messages: [JSONValue],
        tools: [JSONValue]?,
        hasSystemRole: Bool,
    ) -> [JSONValue] {
        var told: [JSONValue] = []
        // Results in a row are one message.
        var results: [String] = []
        func tellResults() {
            guard !results.isEmpty else { return }
            told.append(["role": "user", "content": .string(results.joined(separator: "\n"))])
            results = []
        }
        for message in messages {
            if let members = message.objectValue, members["role"] == "tool" {
                results.append(response(members))
            } else {
                tellResults()
                told.append(message.objectValue.map { .object(ToolMessages.written($0)) } ?? message)
            }
        }
        tellResults()
        guard let tools else { return told }
        let text = text(of: tools)
        let isSystem = told.first?["role"] == "system"
        if let first = told.first?.objectValue, isSystem || !hasSystemRole {
            let both = isSystem ? content(of: first) + "\n\n" + text : text + "\n\n" + content(of: first)
            told[0] = .object(with(first, content: both))
        } else {
            told.insert(["role": "system", "content": .string(text)], at: 0)
        }
        return told
    }

    private static func text(of tools: [JSONValue]) -> String {
        let described = tools.map { ($0["function"] ?? $0).spacedText }.joined(separator: "\n")
        return """
            You can call functions. Each of these lines describes one:
            <tools>
            \(described)
            </tools>

            To call a function, write its name and its arguments as JSON between tags, for each call anew:
            <tool_call>
            {"name": "the function's name", "arguments": {"the argument's name": "its value"}}
            </tool_call>
            Results are given to you between <tool_response> and </tool_response>.
            """
    }

    private static func response(_ message: JSONObject) -> String {
        "<tool_response>\n\(content(of: message))\n</tool_response>"
    }

    private static func content(of message: JSONObject) -> String { message["content"]?.stringValue ?? "" }

    private static func with(_ message: JSONObject, content: String) -> JSONObject {
        var message = message
        message["content"] = .string(content)
        return message
    }
}
