/// A piece of a template's source.
struct Token: Sendable {
    /// What the piece is.
    enum Kind: Sendable, Equatable {
        case data([UInt8])
        case variableBegin
        case variableEnd
        case blockBegin
        case blockEnd
        case name(String)
        case string([UInt8])
        case integer(Int)
        case float(Double)
        case symbol(Symbol)
        case end
        /// The source can't be read from here on; reported when the parser gets here.
        case failure(String)
    }

    var kind: Kind
    /// Line in the source, from 1.
    var line: Int
    /// Byte in the source with its newlines normalized, from 0.
    var offset: Int
}

/// Operators and punctuation.
enum Symbol: String, Sendable, CaseIterable {
    case power = "**"
    case floorDivide = "//"
    case equal = "=="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case add = "+"
    case subtract = "-"
    case divide = "/"
    case multiply = "*"
    case modulo = "%"
    case concatenate = "~"
    case leftBracket = "["
    case rightBracket = "]"
    case leftParenthesis = "("
    case rightParenthesis = ")"
    case leftBrace = "{"
    case rightBrace = "}"
    case greater = ">"
    case less = "<"
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
    case semicolon = ";"
}

extension Token.Kind {
    /// What messages call this token, in Jinja's words.
    var explanation: String {
        switch self {
        case .data: "template data / text"
        case .variableBegin: "begin of print statement"
        case .variableEnd: "end of print statement"
        case .blockBegin: "begin of statement block"
        case .blockEnd: "end of statement block"
        case .name(let name): name
        case .string: "string"
        case .integer: "integer"
        case .float: "float"
        case .symbol(let symbol): symbol.rawValue
        case .end: "end of template"
        case .failure(let message): message
        }
    }
}
