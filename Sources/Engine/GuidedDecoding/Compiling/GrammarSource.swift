public import OrderedJSON

/// What an output has to obey, as clients write it.
public enum GrammarSource: Sendable, Hashable {
    /// A regular expression that the whole output matches.
    case regex(String)
    /// One of several texts.
    case choice([String])
    /// A JSON text that obeys a JSON schema.
    case jsonSchema(JSONValue, SchemaOptions = SchemaOptions())
    /// A JSON object of any kind.
    case jsonObject
}
