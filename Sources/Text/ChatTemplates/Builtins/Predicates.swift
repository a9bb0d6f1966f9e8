/// Jinja's tests: what may stand after `is`.
enum Predicate: String, Sendable, CaseIterable {
    case odd, even, divisibleby, defined, undefined, filter, test, none, boolean, integer, float, lower, upper, string
    case mapping, number, sequence, iterable, callable, sameas, escaped, `in`, eq, equalto, ne, gt, greaterthan, ge, lt
    case lessthan, le
    case isTrue = "true"
    case isFalse = "false"
    case equalSign = "=="
    case notEqualSign = "!="
    case greaterSign = ">"
    case greaterOrEqualSign = ">="
    case lessSign = "<"
    case lessOrEqualSign = "<="

    /// The comparison a test stands for.
    fileprivate var comparison: ComparisonOperator? {
        switch self {
        case .eq, .equalto, .equalSign: .equal
        case .ne, .notEqualSign: .notEqual
        case .gt, .greaterthan, .greaterSign: .greater
        case .ge, .greaterOrEqualSign: .greaterOrEqual
        case .lt, .lessthan, .lessSign: .less
        case .le, .lessOrEqualSign: .lessOrEqual
        default: nil
        }
    }
}

extension Interpreter {
    /// Whether a test holds for a value.
    func holds(_ predicate: Predicate, _ value: Value, _ arguments: Arguments) throws(TemplateError) -> Bool {
        if let sign = predicate.comparison {
            let values = try arguments.bound(to: ["other"], required: 1, of: predicate.rawValue, self)
            return try compare(value, sign, values[0] ?? .none)
        }
        switch predicate {
        case .divisibleby, .sameas, .in:
            let name = predicate == .divisibleby ? "num" : predicate == .sameas ? "other" : "seq"
            let values = try arguments.bound(to: [name], required: 1, of: "test_\(predicate.rawValue)", self)
            let other = values[0] ?? .none
            switch predicate {
            case .sameas: return try same(value, other)
            case .in: return try contains(other, value)
            default: return try equal(try compute(value, .modulo, other), .integer(0))
            }
        default: _ = try arguments.bound(to: [], of: "test_\(predicate.rawValue)", self)
        }
        switch predicate {
        case .odd: return try equal(try compute(value, .modulo, .integer(2)), .integer(1))
        case .even: return try equal(try compute(value, .modulo, .integer(2)), .integer(0))
        case .filter: return try name(value).map { Filter(rawValue: $0) != nil } ?? false
        case .test: return try name(value).map { Predicate(rawValue: $0) != nil } ?? false
        case .lower, .upper:
            let text = try string(value)
            return try CharacterClass.all(of: text, are: predicate == .lower ? .islower : .isupper, self)
        default: return isKind(predicate, value)
        }
    }

    /// A name that could be a filter's or a test's; Python asks for a dictionary's key.
    private func name(_ value: Value) throws(TemplateError) -> String? {
        if case .string(let text) = value { return text.bytes.count > Self.longestName ? nil : text.string }
        _ = try key(value)
        return nil
    }

    private func isKind(_ predicate: Predicate, _ value: Value) -> Bool {
        switch (predicate, value) {
        case (.defined, _): !value.isUndefined
        case (.undefined, _): value.isUndefined
        case (.none, _): value.isNone
        case (.boolean, .bool), (.isTrue, .bool(true)), (.isFalse, .bool(false)): true
        case (.integer, .integer), (.float, .float): true
        case (.string, .string), (.mapping, .dictionary): true
        case (.number, .bool), (.number, .integer), (.number, .float): true
        case (.sequence, .string), (.sequence, .list), (.sequence, .tuple), (.sequence, .dictionary),
            (.sequence, .range), (.sequence, .undefined):
            true
        case (.iterable, .string), (.iterable, .list), (.iterable, .tuple), (.iterable, .dictionary),
            (.iterable, .range), (.iterable, .undefined), (.iterable, .view), (.iterable, .lazy), (.iterable, .loop):
            true
        case (.callable, .macro), (.callable, .function), (.callable, .method), (.callable, .loop),
            (.callable, .joiner), (.callable, .undefined):
            true
        case (.escaped, .string(let text)): text.isMarkup
        default: false
        }
    }
}
