/// One conversion of a `printf`-style format.
private struct Conversion {
    var leftAligned = false
    var sign: UInt8?
    var alternate = false
    var zeroPadded = false
    var width = 0
    var precision: Int?
}

extension Interpreter {
    /// `format % values`.
    func percentFormat(_ format: Text, _ values: Value) throws(TemplateError) -> Value {
        var formatter = PercentFormatter(interpreter: self, format: format.bytes, values: values)
        return try text(try formatter.formatted(), isMarkup: format.isMarkup)
    }

    /// A width or precision with one digit more.
    func number(_ number: Int, followedBy digit: UInt8) throws(TemplateError) -> Int {
        let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
        let value = overflow ? Int.max : tens.addingReportingOverflow(Int(digit) - Int(UInt8(ascii: "0"))).partialValue
        guard value >= 0 else { throw failure("a width doesn't fit 64 bits", .limit) }
        try checkLength(value)
        return value
    }

    /// Checks how many digits a number is written with.
    func checkPrecision(_ precision: Int) throws(TemplateError) {
        let limit = NumberText.mostPrecision
        guard precision <= limit else { throw failure("precision \(precision) is more than \(limit)", .limit) }
    }
}

private struct PercentFormatter {
    let interpreter: Interpreter
    let format: [UInt8]
    let positional: [Value]
    let named: Members?
    private let isSingle: Bool
    private var index = 0
    private var used = 0
    private var bytes: [UInt8] = []

    init(interpreter: Interpreter, format: [UInt8], values: Value) {
        self.interpreter = interpreter
        self.format = format
        switch values {
        case .tuple(let elements):
            positional = elements.values
            named = nil
            isSingle = false
        case .dictionary(let members):
            positional = [values]
            named = members
            isSingle = true
        default:
            positional = [values]
            named = nil
            isSingle = true
        }
    }

    mutating func formatted() throws(TemplateError) -> [UInt8] {
        try interpreter.charge(format.count)
        while index < format.count {
            let byte = format[index]
            index += 1
            if byte == UInt8(ascii: "%") { try conversion() } else { bytes.append(byte) }
            try interpreter.checkLength(bytes.count)
        }
        let acceptsRest: Bool
        if isSingle, case .list = positional[0] { acceptsRest = true } else { acceptsRest = named != nil }
        if used < positional.count, !acceptsRest {
            throw interpreter.failure("not all arguments converted during string formatting")
        }
        return bytes
    }

    private mutating func next() throws(TemplateError) -> Value {
        guard used < positional.count else { throw interpreter.failure("not enough arguments for format string") }
        used += 1
        return positional[used - 1]
    }

    private func current() throws(TemplateError) -> UInt8 {
        guard index < format.count else { throw interpreter.failure("incomplete format") }
        return format[index]
    }

    private mutating func conversion() throws(TemplateError) {
        var conversion = Conversion()
        var given: Value?
        if try current() == UInt8(ascii: "(") {
            given = try member()
        }
        flags: while true {
            switch try current() {
            case UInt8(ascii: "-"): conversion.leftAligned = true
            case UInt8(ascii: "+"): conversion.sign = UInt8(ascii: "+")
            case UInt8(ascii: " "): conversion.sign = conversion.sign ?? UInt8(ascii: " ")
            case UInt8(ascii: "#"): conversion.alternate = true
            case UInt8(ascii: "0"): conversion.zeroPadded = true
            default: break flags
            }
            index += 1
        }
        conversion.width = try number() ?? 0
        if conversion.width < 0 {
            conversion.leftAligned = true
            conversion.width = conversion.width == .min ? .max : -conversion.width
        }
        if try current() == UInt8(ascii: ".") {
            index += 1
            conversion.precision = max(0, try number() ?? 0)
        }
        try interpreter.checkLength(conversion.width)
        try interpreter.checkLength(conversion.precision ?? 0)
        while [UInt8(ascii: "h"), UInt8(ascii: "l"), UInt8(ascii: "L")].contains(try current()) { index += 1 }
        let letter = try current()
        index += 1
        if letter == UInt8(ascii: "%") {
            bytes.append(letter)
            return
        }
        if given == nil { given = try next() }
        try append(given ?? .none, letter, conversion)
    }

    private mutating func member() throws(TemplateError) -> Value {
        guard let named else { throw interpreter.failure("format requires a mapping") }
        var depth = 1
        let start = index + 1
        index = start
        while depth > 0 {
            guard index < format.count else { throw interpreter.failure("incomplete format key") }
            if format[index] == UInt8(ascii: "(") { depth += 1 }
            if format[index] == UInt8(ascii: ")") { depth -= 1 }
            index += 1
        }
        let key = Text(bytes: Array(format[start..<index - 1]))
        guard let value = named[key] else { throw interpreter.failure("'\(key.excerpt)'") }
        return value
    }

    private mutating func number() throws(TemplateError) -> Int? {
        if try current() == UInt8(ascii: "*") {
            index += 1
            guard let value = try next().asInteger else { throw interpreter.failure("* wants int") }
            return value
        }
        var value: Int?
        while case let byte = try current(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            value = try interpreter.number(value ?? 0, followedBy: byte)
            index += 1
        }
        return value
    }

    private mutating func append(_ value: Value, _ letter: UInt8, _ conversion: Conversion) throws(TemplateError) {
        switch letter {
        case UInt8(ascii: "s"), UInt8(ascii: "r"), UInt8(ascii: "a"):
            let text =
                letter == UInt8(ascii: "s")
                ? try interpreter.string(value) : Text(bytes: try interpreter.representation(value))
            try interpreter.charge(bytes: text.bytes.count)
            let cut = conversion.precision.map { text.slice(0..<min($0, text.count)) } ?? text.bytes
            try pad([], cut, conversion, zeros: false)
        case UInt8(ascii: "c"):
            if case .string(let text) = value, text.bytes.count <= 4, text.count == 1 {
                return try pad([], text.bytes, conversion, zeros: false)
            }
            var character: [UInt8] = []
            guard let code = value.asInteger, let scalar = UInt32(exactly: code),
                UTF8Text.append(scalar, to: &character)
            else { throw interpreter.failure("%c requires int or char") }
            try pad([], character, conversion, zeros: false)
        case UInt8(ascii: "d"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "x"), UInt8(ascii: "X"),
            UInt8(ascii: "o"):
            try appendInteger(value, letter, conversion)
        case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "g"),
            UInt8(ascii: "G"):
            guard let number = value.asDouble else {
                if case .undefined(let undefined) = value { throw interpreter.failure(undefined.message) }
                throw interpreter.failure("must be real number, not \(value.typeName)")
            }
            try interpreter.checkPrecision(conversion.precision ?? 0)
            let text = NumberText.formatted(
                number.magnitude,
                Unicode.Scalar(letter),
                precision: conversion.precision ?? 6,
                isAlternate: conversion.alternate
            )
            try pad(
                signBytes(number.sign == .minus && !number.isNaN, conversion),
                Array(text.utf8),
                conversion,
                zeros: number.isFinite
            )
        default:
            let shown = String(decoding: [letter], as: UTF8.self)
            let code = String(letter, radix: 16)
            throw interpreter.failure("unsupported format character '\(shown)' (0x\(code)) at index \(index - 1)")
        }
    }

    private func signBytes(_ isNegative: Bool, _ conversion: Conversion) -> [UInt8] {
        isNegative ? [UInt8(ascii: "-")] : conversion.sign.map { [$0] } ?? []
    }

    private mutating func appendInteger(
        _ value: Value,
        _ letter: UInt8,
        _ conversion: Conversion
    ) throws(TemplateError) {
        let shown = String(decoding: [letter], as: UTF8.self)
        var integer = value.asInteger
        let isDecimal = "diu".contains(shown)
        if isDecimal, case .float(let number) = value, number.isFinite {
            integer = Int(exactly: number.rounded(.towardZero))
        }
        guard let integer else {
            if case .undefined(let undefined) = value { throw interpreter.failure(undefined.message) }
            let wanted = isDecimal ? "a real number" : "an integer"
            throw interpreter.failure("%\(shown) format: \(wanted) is required, not \(value.typeName)")
        }
        let radix = isDecimal ? 10 : shown == "o" ? 8 : 16
        let isUpper = shown == "X"
        var digits = Array(String(integer.magnitude, radix: radix, uppercase: isUpper).utf8)
        if let precision = conversion.precision, digits.count < precision {
            digits = try interpreter.filling([UInt8(ascii: "0")], count: precision - digits.count) + digits
        }
        var prefix = signBytes(integer < 0, conversion)
        if conversion.alternate, radix != 10 { prefix += [UInt8(ascii: "0"), letter] }
        try pad(prefix, digits, conversion, zeros: true)
    }

    private mutating func pad(
        _ prefix: [UInt8],
        _ body: [UInt8],
        _ conversion: Conversion,
        zeros: Bool
    ) throws(TemplateError) {
        let missing = max(0, conversion.width - prefix.count - UTF8Text.count(body))
        let isFilledWithZeros = conversion.zeroPadded && zeros && !conversion.leftAligned
        let filling = try interpreter.filling([isFilledWithZeros ? UInt8(ascii: "0") : 0x20], count: missing)
        if conversion.leftAligned {
            bytes += prefix + body + filling
        } else if isFilledWithZeros {
            bytes += prefix + filling + body
        } else {
            bytes += filling + prefix + body
        }
        try interpreter.checkLength(bytes.count)
    }
}
