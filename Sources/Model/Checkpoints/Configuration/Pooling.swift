/// How the hidden states of a text's tokens become one vector.
public enum Pooling: Sendable, Hashable {
    /// Not at all: the model isn't made for that.
    case none
    /// Their mean.
    case mean
    /// That of the first token.
    case cls
    /// That of the last token.
    case last
}
