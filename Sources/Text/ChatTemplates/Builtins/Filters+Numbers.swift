internal import Glibc

extension Interpreter {
    /// Filters about numbers.
    func applyNumeric(_ filter: Filter, to value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch filter {
        case .abs:
            if case .float(let number) = value { return .float(number.magnitude) }
            guard let integer = value.asInteger else {
                throw failure("bad operand type for abs(): '\(value.typeName)'")
            }
            return integer < 0 ? try negate(.integer(integer)) : .integer(integer)
        case .int: return try integer(value, arguments)
        case .float:
            let standard = try arguments.bound(to: ["default"], of: "float", self)[0] ?? .float(0)
            if case .undefined(let undefined) = value { throw failure(undefined.message) }
            if case .string(let text) = value { return try double(text).map { .float($0) } ?? standard }
            return value.asDouble.map { .float($0) } ?? standard
        case .round: return try rounded(value, arguments)
        case .sum:
            let values = try arguments.bound(to: ["attribute", "start"], of: "sum", self)
            let path = try values[0].flatMap { path throws(TemplateError) in try attributePath(path) }
            var sum = values[1] ?? .integer(0)
            if case .string = sum { throw failure("sum() can't sum strings [use ''.join(seq) instead]") }
            for element in try array(of: value) {
                try charge(1)
                sum = try compute(
                    sum,
                    .add,
                    path.map { path throws(TemplateError) in
                        try follow(path, from: element)
                    } ?? element
                )
            }
            return sum
        default: return try fileSize(value, arguments)
        }
    }

    private func integer(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["default", "base"], of: "int", self)
        let standard = values[0] ?? .integer(0)
        switch value {
        case .string(let text):
            let base = try values[1].map { base throws(TemplateError) in try integerArgument(base) } ?? 10
            try chargeNumeral(text)
            if let integer = NumberText.integer(text, base: base) { return .integer(integer) }
            guard let number = NumberText.double(text), number.isFinite else { return standard }
            guard let integer = Int(exactly: number.rounded(.towardZero)) else {
                throw failure("\(text.excerpt) doesn't fit 64 bits")
            }
            return .integer(integer)
        case .float(let number):
            if number.isInfinite { throw failure("cannot convert float infinity to integer") }
            if number.isNaN { return standard }
            guard let integer = Int(exactly: number.rounded(.towardZero)) else {
                throw failure("\(NumberText.shortest(number)) doesn't fit 64 bits")
            }
            return .integer(integer)
        case .undefined(let undefined): throw failure(undefined.message)
        default: return value.asInteger.map { .integer($0) } ?? standard
        }
    }

    /// The number a text is, if it is one.
    private func double(_ text: Text) throws(TemplateError) -> Double? {
        try chargeNumeral(text)
        return NumberText.double(text)
    }

    /// Counts the reading of a number: several steps that copy the text, code point by code point.
    private func chargeNumeral(_ text: Text) throws(TemplateError) {
        try charge(text.bytes.count)
        try reserve(text.bytes.count, of: 4)
    }

    private func rounded(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["precision", "method"], of: "round", self)
        let precision = try values[0].map { precision throws(TemplateError) in try integerArgument(precision) } ?? 0
        let method = try values[1].map { method throws(TemplateError) in try string(method).string } ?? "common"
        guard ["common", "ceil", "floor"].contains(method) else {
            throw failure("method must be common, ceil or floor")
        }
        guard let number = value.asDouble else {
            throw failure("type \(value.typeName) doesn't define __round__ method")
        }
        guard method == "common" else {
            guard (-300...300).contains(precision) else { throw failure("precision \(precision) is out of range") }
            let scale = pow(10, Double(precision))
            let scaled = number * scale
            return .float((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / scale)
        }
        if let integer = value.asInteger {
            guard precision < 0 else { return .integer(integer) }
            // Half of 10^19 is beyond every integer, and rounds it to 0.
            guard precision >= -18 else {
                let isPastHalf = precision == -19 && integer.magnitude > 5_000_000_000_000_000_000
                guard !isPastHalf else { throw failure("\(integer) rounded to 10^19 doesn't fit 64 bits") }
                return .integer(0)
            }
            return try roundedInteger(integer, to: (0 ..< -precision).reduce(1) { result, _ in result * 10 })
        }
        guard number.isFinite, precision < 323 else { return .float(number) }
        guard precision >= -308 else { return .float(0 * number) }
        if precision >= 0 {
            // Correctly rounded from the exact decimal value, as Python does it.
            return .float(Double(NumberText.formatted(number, "f", precision: precision, isAlternate: false)) ?? number)
        }
        let unit = pow(10, Double(-precision))
        return .float((number / unit).rounded(.toNearestOrEven) * unit)
    }

    /// The multiple of a unit that is nearest to an integer, of two the even one; a unit is below 2^60.
    private func roundedInteger(_ integer: Int, to unit: Int) throws(TemplateError) -> Value {
        let (quotient, rest) = integer.quotientAndRemainder(dividingBy: unit)
        let distance = rest.magnitude * 2
        let isAway = distance > unit.magnitude || distance == unit.magnitude && quotient % 2 != 0
        let nearest = .integer(quotient) as Value
        let multiple = isAway ? try compute(nearest, .add, .integer(integer < 0 ? -1 : 1)) : nearest
        return try compute(multiple, .multiply, .integer(unit))
    }

    private func fileSize(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let isBinary = try arguments.bound(to: ["binary"], of: "filesizeformat", self)[0]?.isTrue ?? false
        var number = value.asDouble
        if case .string(let text) = value { number = try double(text) }
        guard let bytes = number, bytes.isFinite else {
            throw failure("could not convert \(try shown(value)) to a number")
        }
        let base = isBinary ? 1024.0 : 1000.0
        if bytes == 1 { return .text("1 Byte") }
        if bytes < base { return .text("\(Int(exactly: bytes.rounded(.towardZero)) ?? 0) Bytes") }
        let letters = isBinary ? ["K", "M", "G", "T", "P", "E", "Z", "Y"] : ["k", "M", "G", "T", "P", "E", "Z", "Y"]
        var unit = base * base
        for (index, letter) in letters.enumerated() {
            if bytes < unit || index == letters.count - 1 {
                let amount = NumberText.formatted(base * bytes / unit, "f", precision: 1, isAlternate: false)
                return .text("\(amount) \(letter)\(isBinary ? "iB" : "B")")
            }
            unit *= base
        }
        return .text("")
    }
}
