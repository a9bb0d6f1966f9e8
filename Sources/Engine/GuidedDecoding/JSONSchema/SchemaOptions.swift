/// How a schema is read and how its JSON is laid out.
public struct SchemaOptions: Sendable, Hashable {
    /// Whether line breaks with indentation may stand between tokens, beside one space after a comma or a colon.
    public var allowsIndentation: Bool

    /// Options; without arguments those of a server.
    public init(allowsIndentation: Bool = true) {
        self.allowsIndentation = allowsIndentation
    }
}
