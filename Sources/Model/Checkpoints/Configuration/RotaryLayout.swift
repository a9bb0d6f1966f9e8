/// Which dimensions of a head the rotary embedding turns together.
public enum RotaryLayout: Sendable, Hashable {
    /// Neighbours `(2 i, 2 i + 1)`.
    case pairs
    /// `(i, i + half)`, as in GPT-NeoX.
    case halves
}
