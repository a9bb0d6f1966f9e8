/// How the hidden states of a text's tokens become one vector.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
    /// Not at all: the model isn't made for that.
    case none
    /// Their mean.
    case mean
    /// That of the first token.
    case cls
    /// That of the last token.
    case last

    /// The tokens, of a text of `count`, whose hidden states have the vector for their mean.
    public func positions(of count: Int) -> Range<Int> {
        switch self {
        case .none: 0..<0
        case .mean: 0..<count
        case .cls: 0..<min(1, count)
        case .last: max(0, count - 1)..<count
        }
    }
}
