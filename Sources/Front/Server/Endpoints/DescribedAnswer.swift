package import OrderedJSON

/// One kind of good answer of an endpoint, for its description.
package struct DescribedAnswer: Sendable {
    /// What its body is.
    package enum Body: Sendable {
        /// Nothing.
        case none
        /// JSON of a schema (JSON Schema 2020-12).
        case json(JSONValue)
        /// Server-sent events.
        case events
        /// Text of a content type.
        case text(String)
    }

    /// Its status.
    package var status: Int
    /// What it is, in a few words.
    package var words: String
    /// Its body.
    package var body: Body

    /// An answer.
    package init(status: Int = 200, _ words: String, _ body: Body) {
        self.status = status
        self.words = words
        self.body = body
    }

    /// A JSON object that has at least these members, of these types.
    package static func object(_ words: String, _ members: JSONObject) -> DescribedAnswer {
        DescribedAnswer(words, .json(schema(members)))
    }

    /// A stream of server-sent events.
    package static let events = DescribedAnswer("events, with stream", .events)

    /// The schema of an object that has at least these members, each of a type or a schema.
    package static func schema(_ members: JSONObject) -> JSONValue {
        let properties = JSONObject(
            members.map { name, type in (name, type.objectValue == nil ? ["type": type] : type) }
        )
        return [
            "type": "object", "required": .array(members.keys.map { .string($0) }), "properties": .object(properties),
        ]
    }

    /// An answer of OpenAI's, which says what it is, when it was made and by which model.
    package static func choices(_ words: String) -> DescribedAnswer {
        .object(
            words,
            [
                "id": "string", "object": "string", "created": "integer", "model": "string",
                "system_fingerprint": "string", "choices": "array", "usage": "object",
            ]
        )
    }
}
