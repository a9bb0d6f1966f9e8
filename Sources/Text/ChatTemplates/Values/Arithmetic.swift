internal import Glibc

extension Interpreter {
    /// The result of an operator on two values, with Python's rules for their types.
    func compute(_ left: Value, _ sign: ArithmeticOperator, _ right: Value) throws(TemplateError) -> Value {
        try charge(1)
        if let left = left.asInteger, let right = right.asInteger {
            return try computeIntegers(left, sign, right)
        }
        if let left = left.asDouble, let right = right.asDouble {
            return .float(try computeNumbers(left, sign, right))
        }
        for value in [left, right] {
            if case .undefined(let undefined) = value {
                if sign == .modulo, case .string(let format) = left { return try percentFormat(format, right) }
                throw failure(undefined.message)
            }
        }
        switch (left, sign, right) {
        case (.string(let left), .add, .string(let right)): return try join(left, right)
        case (.list(let left), .add, .list(let right)): return try list(try concatenated(left, right))
        case (.tuple(let left), .add, .tuple(let right)): return try tuple(try concatenated(left, right))
        case (.string, .add, _), (.list, .add, _), (.tuple, .add, _):
            let name = left.typeName
            throw failure("can only concatenate \(name) (not \"\(right.typeName)\") to \(name)")
        case (.string(let format), .modulo, _): return try percentFormat(format, right)
        case (_, .multiply, _):
            if let count = right.asInteger, let value = try repeated(left, count) { return value }
            if let count = left.asInteger, let value = try repeated(right, count) { return value }
        default: break
        }
        let symbol = sign == .power ? "** or pow()" : sign.rawValue
        let types = "'\(left.typeName)' and '\(right.typeName)'"
        throw failure("unsupported operand type(s) for \(symbol): \(types)")
    }

    private func concatenated(_ left: Elements, _ right: Elements) throws(TemplateError) -> [Value] {
        try charge(left.values.count + right.values.count)
        try reserve(left.weight + right.weight)
        return left.values + right.values
    }

    private func join(_ left: Text, _ right: Text) throws(TemplateError) -> Value {
        if left.isMarkup || right.isMarkup {
            return try text(try escaped(left).bytes + (try escaped(right).bytes), isMarkup: true)
        }
        try reserve(left.bytes.count + right.bytes.count)
        return try text(left.bytes + right.bytes)
    }

    /// A sequence over and over; `nil` for what isn't one.
    private func repeated(_ value: Value, _ count: Int) throws(TemplateError) -> Value? {
        let times = max(0, count)
        switch value {
        case .string(let text): return made(try filling(text.bytes, count: times), isMarkup: text.isMarkup)
        case .list(let elements): return try list(try repeated(elements, times))
        case .tuple(let elements): return try tuple(try repeated(elements, times))
        default: return nil
        }
    }

    private func repeated(_ elements: Elements, _ times: Int) throws(TemplateError) -> [Value] {
        guard !elements.values.isEmpty else { return [] }
        try reserve(elements.weight, of: times)
        try charge(elements.values.count * times)
        return (0..<times).flatMap { _ in elements.values }
    }

    private func computeIntegers(_ left: Int, _ sign: ArithmeticOperator, _ right: Int) throws(TemplateError) -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch sign {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw failure("division by zero") }
            return .float(Double(left) / Double(right))
        case .floorDivide:
            guard right != 0 else { throw failure("integer division or modulo by zero") }
            result = left.dividedReportingOverflow(by: right)
            if !result.overflow, left % right != 0, (left < 0) != (right < 0) {
                return .integer(result.partialValue - 1)
            }
        case .modulo:
            guard right != 0 else { throw failure("integer modulo by zero") }
            guard right != -1 else { return .integer(0) }
            let rest = left % right
            return .integer(rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest)
        case .power:
            if right < 0 { return .float(try computeNumbers(Double(left), .power, Double(right))) }
            return .integer(try power(left, right))
        }
        guard !result.overflow else { throw overflow(left, sign, right) }
        return .integer(result.partialValue)
    }

    private func overflow(_ left: Int, _ sign: ArithmeticOperator, _ right: Int) -> TemplateError {
        failure("\(left) \(sign.rawValue) \(right) doesn't fit 64 bits")
    }

    private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> Int {
        if base == 0 || base == 1 { return exponent == 0 ? 1 : base }
        if base == -1 { return exponent % 2 == 0 ? 1 : -1 }
        var result = 1
        for _ in 0..<min(exponent, 64) {
            let (next, overflow) = result.multipliedReportingOverflow(by: base)
            guard !overflow else { throw self.overflow(base, .power, exponent) }
            result = next
        }
        return result
    }

    private func computeNumbers(
        _ left: Double,
        _ sign: ArithmeticOperator,
        _ right: Double
    ) throws(TemplateError) -> Double {
        switch sign {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide:
            guard right != 0 else { throw failure("float division by zero") }
            return left / right
        case .floorDivide:
            guard right != 0 else { throw failure("float floor division by zero") }
            let rest = floorRemainder(left, right)
            let quotient = (left - rest) / right
            guard quotient != 0 else { return Double(signOf: left / right, magnitudeOf: 0) }
            let floored = quotient.rounded(.down)
            return quotient - floored > 0.5 ? floored + 1 : floored
        case .modulo:
            guard right != 0 else { throw failure("float modulo") }
            return floorRemainder(left, right)
        case .power:
            guard left != 0 || right >= 0 else { throw failure("0.0 cannot be raised to a negative power") }
            guard left >= 0 || right == right.rounded() else { throw failure("complex numbers aren't supported") }
            let result = pow(left, right)
            guard result.isFinite || !left.isFinite || !right.isFinite else {
                throw failure("(34, 'Numerical result out of range')")
            }
            return result
        }
    }

    /// The remainder with the divisor's sign.
    private func floorRemainder(_ left: Double, _ right: Double) -> Double {
        let rest = fmod(left, right)
        guard rest != 0 else { return Double(signOf: right, magnitudeOf: 0) }
        return (rest < 0) != (right < 0) ? rest + right : rest
    }

    /// `-value`.
    func negate(_ value: Value) throws(TemplateError) -> Value {
        if case .float(let number) = value { return .float(-number) }
        guard let integer = value.asInteger else { throw unaryFailure("-", value) }
        return .integer(
            try { () throws(TemplateError) in
                guard integer != .min else { throw overflow(0, .subtract, integer) }
                return -integer
            }()
        )
    }

    func unaryFailure(_ sign: String, _ value: Value) -> TemplateError {
        if case .undefined(let undefined) = value { return failure(undefined.message) }
        return failure("bad operand type for unary \(sign): '\(value.typeName)'")
    }
}
