extension Interpreter {
    /// `format.format(…)`.
    func braceFormat(_ format: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
        var formatter = BraceFormatter(interpreter: self, arguments: arguments)
        return try text(try formatter.formatted(format.bytes, level: 0), isMarkup: format.isMarkup)
    }
}

private struct BraceFormatter {
    let interpreter: Interpreter
    let positional: [Value]
    let keywords: Keywords
    private var automatic = 0

    init(interpreter: Interpreter, arguments: Arguments) {
        self.interpreter = interpreter
        positional = arguments.positional
        keywords = Keywords(arguments)
    }

    mutating func formatted(_ format: [UInt8], level: Int) throws(TemplateError) -> [UInt8] {
        guard level < 2 else { throw interpreter.failure("Max string recursion exceeded") }
        try interpreter.charge(format.count)
        var bytes: [UInt8] = []
        var index = 0
        while index < format.count {
            let byte = format[index]
            index += 1
            switch byte {
            case UInt8(ascii: "{"):
                guard index < format.count else {
                    throw interpreter.failure("Single '{' encountered in format string")
                }
                if format[index] == byte {
                    bytes.append(byte)
                    index += 1
                    continue
                }
                let end = try fieldEnd(format, from: index)
                bytes += try field(Array(format[index..<end]), level: level)
                index = end + 1
            case UInt8(ascii: "}"):
                guard index < format.count, format[index] == byte else {
                    throw interpreter.failure("Single '}' encountered in format string")
                }
                bytes.append(byte)
                index += 1
            default: bytes.append(byte)
            }
            try interpreter.checkLength(bytes.count)
        }
        return bytes
    }

    private func fieldEnd(_ format: [UInt8], from start: Int) throws(TemplateError) -> Int {
        var depth = 1
        for index in start..<format.count {
            if format[index] == UInt8(ascii: "{") { depth += 1 }
            if format[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return index }
        }
        throw interpreter.failure("expected '}' before end of string")
    }

    /// One field: a name, `!` and a conversion, `:` and a specification.
    private mutating func field(_ field: [UInt8], level: Int) throws(TemplateError) -> [UInt8] {
        let nameEnd = field.firstIndex { $0 == UInt8(ascii: "!") || $0 == UInt8(ascii: ":") } ?? field.count
        var value = try lookUp(Array(field[..<nameEnd]))
        var rest = nameEnd
        if rest < field.count, field[rest] == UInt8(ascii: "!") {
            guard rest + 1 < field.count else {
                throw interpreter.failure("end of string while looking for conversion specifier")
            }
            switch field[rest + 1] {
            case UInt8(ascii: "s"): value = .string(try interpreter.string(value))
            case UInt8(ascii: "r"), UInt8(ascii: "a"): value = interpreter.made(try interpreter.representation(value))
            case let other:
                let shown = String(decoding: [other], as: UTF8.self)
                throw interpreter.failure("Unknown conversion specifier \(shown)")
            }
            rest += 2
        }
        var specification: [UInt8] = []
        if rest < field.count {
            guard field[rest] == UInt8(ascii: ":") else {
                throw interpreter.failure("expected ':' after conversion specifier")
            }
            specification = try formatted(Array(field[(rest + 1)...]), level: level + 1)
        }
        return try FormatSpecification(specification, interpreter).apply(to: value)
    }

    private mutating func lookUp(_ path: [UInt8]) throws(TemplateError) -> Value {
        let firstEnd = path.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? path.count
        let name = String(decoding: path[..<firstEnd], as: UTF8.self)
        var value: Value
        if let index = name.isEmpty ? automatic : Int(name) {
            if name.isEmpty { automatic += 1 }
            guard positional.indices.contains(index) else {
                throw interpreter.failure("Replacement index \(index) out of range for positional args tuple")
            }
            value = positional[index]
        } else {
            guard let found = keywords[name] else { throw interpreter.failure("'\(name.excerpt())'") }
            value = found
        }
        var index = firstEnd
        while index < path.count {
            let isAttribute = path[index] == UInt8(ascii: ".")
            let start = index + 1
            let end = path[start...].firstIndex {
                isAttribute ? $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") : $0 == UInt8(ascii: "]")
            }
            guard isAttribute || end != nil else { throw interpreter.failure("Missing ']' in format string") }
            let part = Text(bytes: Array(path[start..<(end ?? path.count)]))
            guard !part.isEmpty else { throw interpreter.failure("Empty attribute in format string") }
            if isAttribute {
                value = try interpreter.attribute(named: part, of: value)
            } else {
                let index = part.bytes.count <= 20 ? Int(part.string) : nil
                value = try interpreter.item(index.map { .integer($0) } ?? .string(part), of: value)
            }
            index = isAttribute ? end ?? path.count : (end ?? path.count) + 1
        }
        return value
    }
}
