/// A token's id: its index in the vocabulary.
public typealias TokenID = Int32

/// What a piece of a vocabulary is for; raw values as in GGUF's `tokenizer.ggml.token_type`.
public enum TokenKind: Int32, Sendable {
    /// Not stated by the file.
    case undefined = 0
    /// Ordinary text.
    case normal = 1
    /// Stands for text that no other piece covers.
    case unknown = 2
    /// A marker with a meaning for the model, never produced from plain text.
    case control = 3
    /// Text added by the model's maker; always matched as a whole, before anything else is split.
    case userDefined = 4
    /// A reserved slot.
    case unused = 5
    /// One raw byte, written `<0xXX>`.
    case byte = 6
}
