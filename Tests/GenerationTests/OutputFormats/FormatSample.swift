import Generation
import OrderedJSON
import Testing

/// An output of a model, and what it comes to.
struct FormatSample: Sendable, CustomTestStringConvertible {
    struct Call: Sendable, Hashable {
        var name: String
        var arguments: JSONValue
    }

    let name: String
    var toolParser: String?
    var reasoningParser: String?
    /// Texts that are control tokens of the model's vocabulary.
    var controls: [String] = []
    let output: String
    var reasoning = ""
    var content = ""
    var calls: [Call] = []
    /// Whether the prompt ends inside of thoughts.
    var beginsReasoning: Bool?
    /// Whether the request has tools.
    var hasTools = true

    var testDescription: String { name }

    /// The functions of all samples.
    static let tools = ToolSet([
        ToolDefinition(
            name: "get_weather",
            parameters: [
                "type": "object",
                "properties": [
                    "city": ["type": "string"], "days": ["type": "integer"], "exact": ["type": "boolean"],
                    "units": ["type": "array", "items": ["type": "string"]],
                    "place": ["anyOf": [["type": "object"], ["type": "null"]]],
                ],
            ]
        ),
        ToolDefinition(name: "now"),
    ])

    /// The output as a stream: control tokens framed.
    var stream: [UInt8] { ControlTokens(controls.map { Array($0.utf8) }).form(output) }

    func parser(ids: CallIDs = CallIDs { index, _ in "id\(index)" }) throws -> any OutputParser {
        let format = try OutputFormat(
            toolParser: toolParser,
            reasoningParser: reasoningParser,
            tokens: ControlTokens(controls.map { Array($0.utf8) })
        )
        var situation = OutputSituation(tools: hasTools ? Self.tools : nil, beginsReasoning: beginsReasoning)
        situation.ids = ids
        guard let parser = format.makeParser(situation) else { throw NoParser() }
        return parser
    }

    struct NoParser: Error {}

    /// What comes of the output, cut before the given places.
    func result(cutAt places: [Int]) throws -> ParsedOutput {
        var parser = try parser()
        let stream = stream
        var deltas: [GenerationDelta] = []
        var start = 0
        for place in places + [stream.count] {
            deltas += parser.append(stream[start..<place])
            start = place
        }
        deltas += parser.finish()
        return ParsedOutput(deltas)
    }
}

/// What deltas come to.
struct ParsedOutput: Hashable {
    struct Call: Hashable {
        var id: String
        var name: String
        var arguments = ""
    }

    var content = ""
    var reasoning = ""
    var calls: [Call] = []
    /// The kinds of deltas in order, equal neighbours joined.
    var order: [String] = []
    /// Whether arguments came for another call than the last.
    var isMixedUp = false

    init(_ deltas: [GenerationDelta]) {
        for delta in deltas {
            switch delta {
            case .content(let text):
                content += text
                note("content")
            case .reasoning(let text):
                reasoning += text
                note("reasoning")
            case .toolCall(let index, let id, let name):
                if index != calls.count { isMixedUp = true }
                calls.append(Call(id: id, name: name))
                note("call \(index)")
            case .toolArguments(let index, let text):
                if index != calls.count - 1 { isMixedUp = true }
                if !calls.isEmpty { calls[calls.count - 1].arguments += text }
            }
        }
    }

    private mutating func note(_ kind: String) { if order.last != kind { order.append(kind) } }
}
