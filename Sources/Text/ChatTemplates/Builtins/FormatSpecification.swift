/// The part of a format field behind its colon: `[[fill]align][sign][#][0][width][,][.precision][type]`.
struct FormatSpecification {
    private let interpreter: Interpreter
    private var fill: [UInt8] = [0x20]
    private var alignment: UInt8?
    private var sign = UInt8(ascii: "-")
    private var isAlternate = false
    private var width = 0
    private var grouping: UInt8?
    private var precision: Int?
    private var type: UInt8?
    private let isEmpty: Bool

    init(_ text: [UInt8], _ interpreter: Interpreter) throws(TemplateError) {
        self.interpreter = interpreter
        isEmpty = text.isEmpty
        var rest = text[...]
        func isAlignment(_ byte: UInt8?) -> Bool { byte.map { "<>=^".utf8.contains($0) } ?? false }
        if let first = rest.first {
            let length = UTF8Text.scalar(in: text, at: 0).length
            if rest.count > length, isAlignment(text[length]) {
                fill = Array(rest.prefix(length))
                alignment = text[length]
                rest = rest.dropFirst(length + 1)
            } else if isAlignment(first) {
                alignment = rest.removeFirst()
            }
        }
        if let first = rest.first, "+- ".utf8.contains(first) { sign = rest.removeFirst() }
        if rest.first == UInt8(ascii: "#") {
            isAlternate = true
            rest.removeFirst()
        }
        if rest.first == UInt8(ascii: "0"), alignment == nil {
            fill = [UInt8(ascii: "0")]
            alignment = UInt8(ascii: "=")
        }
        width = try Self.number(&rest, interpreter) ?? 0
        if let first = rest.first, first == UInt8(ascii: ",") || first == UInt8(ascii: "_") {
            grouping = rest.removeFirst()
        }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard let digits = try Self.number(&rest, interpreter) else {
                throw interpreter.failure("Format specifier missing precision")
            }
            precision = digits
        }
        type = rest.popFirst()
        guard rest.isEmpty else { throw interpreter.failure("Invalid format specifier") }
    }

    private static func number(
        _ rest: inout ArraySlice<UInt8>,
        _ interpreter: Interpreter
    ) throws(TemplateError) -> Int? {
        var value: Int?
        while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            value = try interpreter.number(value ?? 0, followedBy: byte)
            rest.removeFirst()
        }
        return value
    }

    /// The value as the specification wants it.
    func apply(to value: Value) throws(TemplateError) -> [UInt8] {
        if isEmpty { return try interpreter.string(value).bytes }
        switch value {
        case .string(let text):
            guard type == nil || type == UInt8(ascii: "s") else { throw unknownType(value) }
            try interpreter.charge(bytes: text.bytes.count)
            let cut = precision.map { text.slice(0..<min($0, text.count)) } ?? text.bytes
            return try padded(sign: [], cut, standard: UInt8(ascii: "<"))
        case .float(let number): return try decimal(number)
        case .bool, .integer:
            let integer = value.asInteger ?? 0
            if case .bool = value, type == nil {
                return try padded(sign: [], try interpreter.string(value).bytes, standard: UInt8(ascii: ">"))
            }
            return try self.integer(integer, value)
        default: throw interpreter.failure("unsupported format string passed to \(value.typeName).__format__")
        }
    }

    private func unknownType(_ value: Value) -> TemplateError {
        let shown = String(decoding: type.map { [$0] } ?? [], as: UTF8.self)
        return interpreter.failure("Unknown format code '\(shown)' for object of type '\(value.typeName)'")
    }

    private func integer(_ integer: Int, _ value: Value) throws(TemplateError) -> [UInt8] {
        let radix: Int
        switch type {
        case nil, UInt8(ascii: "d"), UInt8(ascii: "n"): radix = 10
        case UInt8(ascii: "x"), UInt8(ascii: "X"): radix = 16
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "b"): radix = 2
        case UInt8(ascii: "c"):
            var character: [UInt8] = []
            guard let code = UInt32(exactly: integer), UTF8Text.append(code, to: &character) else {
                throw interpreter.failure("%c arg not in range(0x110000)")
            }
            return try padded(sign: [], character, standard: UInt8(ascii: "<"))
        default:
            guard let type, "eEfFgG%".utf8.contains(type) else { throw unknownType(value) }
            return try decimal(Double(integer))
        }
        guard precision == nil else { throw interpreter.failure("Precision not allowed in integer format specifier") }
        let text = String(integer.magnitude, radix: radix, uppercase: type == UInt8(ascii: "X"))
        var prefix = signBytes(integer < 0)
        if isAlternate, radix != 10, let type { prefix += [UInt8(ascii: "0"), type] }
        return try padded(
            sign: prefix,
            grouped(Array(text.utf8), every: radix == 10 ? 3 : 4),
            standard: UInt8(ascii: ">")
        )
    }

    private func decimal(_ number: Double) throws(TemplateError) -> [UInt8] {
        let magnitude = number.magnitude
        try interpreter.checkPrecision(precision ?? 0)
        var text: String
        switch type {
        case nil:
            if let precision {
                text = NumberText.formatted(magnitude, "g", precision: max(1, precision), isAlternate: isAlternate)
                if magnitude.isFinite, !text.contains("e"), !text.contains(".") { text += ".0" }
            } else {
                text = NumberText.shortest(magnitude)
            }
        case UInt8(ascii: "%"):
            text = NumberText.formatted(magnitude * 100, "f", precision: precision ?? 6, isAlternate: isAlternate) + "%"
        case .some(let letter) where "eEfFgGn".utf8.contains(letter):
            let conversion = letter == UInt8(ascii: "n") ? "g" : Unicode.Scalar(letter)
            text = NumberText.formatted(magnitude, conversion, precision: precision ?? 6, isAlternate: isAlternate)
        default: throw unknownType(.float(number))
        }
        let digits = text.prefix { $0.isNumber }
        let rest = text.dropFirst(digits.count)
        let body = grouped(Array(digits.utf8), every: 3) + Array(rest.utf8)
        return try padded(sign: signBytes(number.sign == .minus && !number.isNaN), body, standard: UInt8(ascii: ">"))
    }

    private func signBytes(_ isNegative: Bool) -> [UInt8] {
        isNegative ? [UInt8(ascii: "-")] : sign == UInt8(ascii: "-") ? [] : [sign]
    }

    private func grouped(_ digits: [UInt8], every size: Int) -> [UInt8] {
        guard let grouping else { return digits }
        var bytes: [UInt8] = []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % size == 0 { bytes.append(grouping) }
            bytes.append(digit)
        }
        return bytes
    }

    private func padded(sign: [UInt8], _ body: [UInt8], standard: UInt8) throws(TemplateError) -> [UInt8] {
        let missing = max(0, width - sign.count - UTF8Text.count(body))
        switch alignment ?? standard {
        case UInt8(ascii: "<"): return sign + body + (try filled(missing))
        case UInt8(ascii: "^"):
            let (before, behind) = (try filled(missing / 2), try filled(missing - missing / 2))
            return before + sign + body + behind
        case UInt8(ascii: "="): return sign + (try filled(missing)) + body
        default: return try filled(missing) + sign + body
        }
    }

    private func filled(_ count: Int) throws(TemplateError) -> [UInt8] {
        try interpreter.filling(fill, count: count)
    }
}
