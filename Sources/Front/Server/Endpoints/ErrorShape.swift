package import OpenAIProtocol
package import OrderedJSON

/// How the errors of an endpoint look: each front end's clients know their own.
package struct ErrorShape: Sendable {
    /// Where the endpoint's requests have their prompt, which errors about it name.
    package var promptField: String
    /// The schema of a body.
    package var schema: JSONValue
    /// The body of an error.
    package var body: @Sendable (ErrorBody) -> [UInt8]

    /// A shape.
    package init(
        promptField: String = "prompt",
        schema: JSONValue,
        body: @escaping @Sendable (ErrorBody) -> [UInt8],
    ) {
        self.promptField = promptField
        self.schema = schema
        self.body = body
    }

    /// OpenAI's and the reference's at once.
    package static let openAI = openAI(promptField: "prompt")

    /// The same, for requests whose prompt is in another field.
    package static func openAI(promptField: String) -> ErrorShape {
        let schema = DescribedAnswer.schema([
            "object": "string", "message": "string", "type": "string", "code": "integer", "error": "object",
        ])
        return ErrorShape(promptField: promptField, schema: schema) { $0.serialized }
    }
}
