/// A compiled template.
struct Program: Sendable {
    var body: [Statement]
    /// The variable names used; a name's number is its place here.
    var names: [String]
}

/// The number of a variable name in its program.
typealias NameID = Int

/// What a template does.
indirect enum Statement: Sendable {
    case text([UInt8])
    case output(Expression, line: Int)
    case conditional([Branch], otherwise: [Statement])
    case loop(Loop)
    case assign(Target, Expression, line: Int)
    /// `set` with a body: the rendered body, through the filters.
    case capture(Target, [FilterCall], [Statement], line: Int)
    case macro(MacroDefinition)
    /// `call`: the body as a macro named `caller`, handed to the call.
    case callBlock(body: MacroDefinition, callee: Expression, ArgumentList, line: Int)
    case filterBlock([FilterCall], [Statement], line: Int)
    case with([(target: Target, value: Expression)], [Statement], line: Int)
    /// `generation`, whose assignments stay inside.
    case scope([Statement])
    /// `block`, which sees the template's own variables only.
    case block([Statement])
    case autoescape(Expression, [Statement], line: Int)
    case leaveLoop
    case nextIteration
    /// `include` and its kind.
    case unsupported(String, line: Int)
}

/// A condition and what is done when it is the first that holds.
struct Branch: Sendable {
    var condition: Expression
    var body: [Statement]
    var line: Int
}

/// A `for` block.
struct Loop: Sendable {
    var target: Target
    var iterable: Expression
    var condition: Expression?
    var isRecursive: Bool
    /// Whether the body asks for `loop`.
    var usesLoop: Bool
    var loopName: NameID
    var body: [Statement]
    var otherwise: [Statement]
    var line: Int
}

/// A `macro` block, or the body of a `call` block.
struct MacroDefinition: Sendable {
    var name: String
    var nameID: NameID?
    var parameters: [Parameter]
    var body: [Statement]
    /// The variables the body sees besides its parameters; absent when it doesn't use them.
    var callerName: NameID?
    var keywordsName: NameID?
    var extraName: NameID?
    var line: Int

    /// A parameter and its default.
    struct Parameter: Sendable {
        var name: String
        var nameID: NameID
        var standard: Expression?
    }
}

/// What a value can be assigned to.
indirect enum Target: Sendable {
    case name(NameID)
    /// An attribute of a namespace.
    case attribute(of: NameID, String)
    case tuple([Target])
}

/// What a template computes.
indirect enum Expression: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string([UInt8])
    case name(NameID)
    case tuple([Expression])
    case list([Expression])
    case dictionary([(key: Expression, value: Expression)])
    /// Attributes, items, calls, filters and tests after a value, in order: a chain isn't nested.
    case chain(Expression, [Link])
    /// Operators of one precedence, from left to right.
    case arithmetic(Expression, [(ArithmeticOperator, Expression)])
    case concatenation([Expression])
    case comparison(Expression, [(ComparisonOperator, Expression)])
    case all([Expression])
    case any([Expression])
    case not(Expression)
    case negative(Expression)
    case positive(Expression)
    case conditional(Expression, then: Expression, otherwise: Expression?)
    case slice(Expression?, Expression?, Expression?)
}

/// One step of a chain after a value.
indirect enum Link: Sendable {
    case attribute(AttributeName, line: Int)
    case item(Expression, line: Int)
    case call(ArgumentList, line: Int)
    case method(AttributeName, ArgumentList, line: Int)
    case filter(FilterCall)
    case predicate(PredicateCall, isNegated: Bool)
}

/// The name after a dot, and what it can mean, looked up once.
struct AttributeName: Sendable {
    let name: String
    private let bytes: [UInt8]
    let stringMethod: StringMethod?
    let dictionaryMethod: DictionaryMethod?

    init(_ name: String) {
        self.name = name
        bytes = Array(name.utf8)
        stringMethod = StringMethod(rawValue: name)
        dictionaryMethod = DictionaryMethod(rawValue: name)
    }

    /// The name as a dictionary's key.
    var key: Text { Text(bytes: bytes) }
}

/// What is handed to a call.
struct ArgumentList: Sendable {
    var positional: [Expression] = []
    var keywords: [(name: String, value: Expression)] = []
    var spread: Expression?
    var keywordSpread: Expression?

    var isEmpty: Bool { positional.isEmpty && keywords.isEmpty && spread == nil && keywordSpread == nil }
}

/// A filter's name and arguments.
struct FilterCall: Sendable {
    var name: String
    /// Absent for a name that isn't a filter's.
    var filter: Filter?
    var arguments: ArgumentList
    var line: Int
}

/// A test's name and arguments.
struct PredicateCall: Sendable {
    var name: String
    /// Absent for a name that isn't a test's.
    var predicate: Predicate?
    var arguments: ArgumentList
    var line: Int
}

/// Operators on two numbers, texts or lists.
enum ArithmeticOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
}

/// Operators that answer yes or no.
enum ComparisonOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}
