public import OrderedJSON

/// What an output has to obey, as clients write it.
public enum GrammarSource: Sendable, Hashable {
    /// A JSON value that a JSON schema describes.
    case jsonSchema(JSONValue, SchemaOptions = SchemaOptions())
    /// Any JSON object.
    case jsonObject
    /// A regular expression that the whole output matches.
    case regex(String)
    /// One of several texts.
    case choice([String])
    /// A grammar as text.
    case grammar(String, GrammarDialect)
    /// Tags with contents of their own among free text, as XGrammar describes them.
    case structuralTag(JSONValue)
}
