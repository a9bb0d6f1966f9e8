/// What a token is, as a set: the file's kind plus what its text gives away.
struct TokenAttributes: OptionSet, Sendable {
    let rawValue: UInt8
    static let normal = TokenAttributes(rawValue: 1)
    static let unknown = TokenAttributes(rawValue: 2)
    static let control = TokenAttributes(rawValue: 4)
    static let userDefined = TokenAttributes(rawValue: 8)
    static let unused = TokenAttributes(rawValue: 16)
    static let byte = TokenAttributes(rawValue: 32)
    /// White space after it belongs to it.
    static let stripsRight = TokenAttributes(rawValue: 64)

    /// Hidden when special tokens are skipped, and never made from plain text.
    static let special: TokenAttributes = [.unknown, .control]
    /// Cut out of a text before anything else.
    static let cutOut: TokenAttributes = [.unknown, .control, .userDefined]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ kind: TokenKind) {
        switch kind {
        case .undefined: self = []
        case .normal: self = .normal
        case .unknown: self = .unknown
        case .control: self = .control
        case .userDefined: self = .userDefined
        case .unused: self = .unused
        case .byte: self = .byte
        }
    }
}
