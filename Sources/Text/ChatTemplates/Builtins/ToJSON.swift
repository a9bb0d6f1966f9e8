/// What `tojson` writes: Python's `json.dumps`, which escapes nothing for HTML.
struct JSONDump {
    let interpreter: Interpreter
    var escapesNonASCII = false
    var indent: [UInt8]?
    var itemSeparator = Array(", ".utf8)
    var keySeparator = Array(": ".utf8)
    var sortsKeys = false
    private(set) var bytes: [UInt8] = []

    init(_ interpreter: Interpreter) { self.interpreter = interpreter }

    /// Appends a value.
    mutating func append(_ value: Value, level: Int = 0) throws(TemplateError) {
        try interpreter.charge(1)
        try interpreter.checkLength(bytes.count)
        switch value {
        case .none: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .float(let value): bytes.append(contentsOf: Self.number(value).utf8)
        case .string(let text): try append(text.bytes)
        case .list(let elements), .tuple(let elements):
            try appendAll(elements.values, "[", "]", level: level) { (dump, value) throws(TemplateError) in
                try dump.append(value, level: level + 1)
            }
        case .dictionary(let members):
            try appendAll(try order(members), "{", "}", level: level) { (dump, place) throws(TemplateError) in
                try dump.append(try dump.key(members.keys[place]))
                try dump.appendSeparator(dump.keySeparator)
                try dump.append(members.values[place], level: level + 1)
            }
        default: throw interpreter.failure("Object of type \(value.typeName) is not JSON serializable")
        }
    }

    private mutating func appendAll<Element>(
        _ elements: [Element],
        _ open: String,
        _ close: String,
        level: Int,
        _ appendOne: (inout JSONDump, Element) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        bytes.append(contentsOf: open.utf8)
        for (index, element) in elements.enumerated() {
            if index > 0 { try appendSeparator(itemSeparator) }
            try startLine(level + 1)
            try appendOne(&self, element)
        }
        if !elements.isEmpty { try startLine(level) }
        bytes.append(contentsOf: close.utf8)
    }

    private mutating func appendSeparator(_ separator: [UInt8]) throws(TemplateError) {
        try interpreter.charge(separator.count / 32)
        try interpreter.checkLength(bytes.count + separator.count)
        bytes.append(contentsOf: separator)
    }

    private mutating func startLine(_ level: Int) throws(TemplateError) {
        guard let indent else { return }
        let (length, overflow) = indent.count.multipliedReportingOverflow(by: level)
        try interpreter.checkLength(overflow ? .max : bytes.count + length)
        try interpreter.charge(bytes: length)
        bytes.append(0x0A)
        for _ in 0..<level { bytes += indent }
    }

    private func order(_ members: Members) throws(TemplateError) -> [Int] {
        guard sortsKeys else {
            try interpreter.reserve(members.count, of: 8)
            return Array(0..<members.count)
        }
        return try interpreter.sorted(members.keys, isDescending: false)
    }

    private func key(_ value: Value) throws(TemplateError) -> [UInt8] {
        switch value {
        case .string(let text): return text.bytes
        case .none: return Array("null".utf8)
        case .bool(let flag): return Array((flag ? "true" : "false").utf8)
        case .integer(let value): return Array(String(value).utf8)
        case .float(let value): return Array(Self.number(value).utf8)
        default:
            throw interpreter.failure("keys must be str, int, float, bool or None, not \(value.typeName)")
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return NumberText.shortest(value)
    }

    private mutating func append(_ text: [UInt8]) throws(TemplateError) {
        try interpreter.charge(bytes: text.count)
        // Six bytes for one, at most.
        try interpreter.reserve(text.count, of: 6)
        bytes.append(UInt8(ascii: "\""))
        if escapesNonASCII {
            for scalar in UTF8Text.Scalars(text) {
                if scalar < 0x80 { appendASCII(UInt8(scalar), escapesDelete: true) } else { appendEscaped(scalar) }
            }
        } else {
            for byte in text { appendASCII(byte, escapesDelete: false) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendASCII(_ byte: UInt8, escapesDelete: Bool) {
        switch byte {
        case UInt8(ascii: "\""): bytes += [0x5C, 0x22]
        case 0x5C: bytes += [0x5C, 0x5C]
        case 0x0A: bytes += [0x5C, UInt8(ascii: "n")]
        case 0x0D: bytes += [0x5C, UInt8(ascii: "r")]
        case 0x09: bytes += [0x5C, UInt8(ascii: "t")]
        case 0x08: bytes += [0x5C, UInt8(ascii: "b")]
        case 0x0C: bytes += [0x5C, UInt8(ascii: "f")]
        case 0..<0x20: appendUnit(UInt16(byte))
        default:
            if byte == 0x7F, escapesDelete { appendUnit(0x7F) } else { bytes.append(byte) }
        }
    }

    private mutating func appendEscaped(_ value: UInt32) {
        guard let scalar = Unicode.Scalar(value) else { return }
        for unit in UTF16.encode(scalar).map(Array.init) ?? [] { appendUnit(unit) }
    }

    private mutating func appendUnit(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        bytes += Array("\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8)
    }
}

extension Interpreter {
    /// The `tojson` filter.
    func toJSON(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let names = ["ensure_ascii", "indent", "separators", "sort_keys"]
        let values = try arguments.bound(to: names, of: "tojson", self)
        var dump = JSONDump(self)
        dump.escapesNonASCII = values[0]?.isTrue ?? false
        if let indent = values[1], !indent.isNone {
            if case .string(let text) = indent {
                dump.indent = text.bytes
            } else {
                let width = try integerArgument(indent)
                dump.indent = try filling([0x20], count: width)
            }
            dump.itemSeparator = Array(",".utf8)
        }
        if let separators = values[2], !separators.isNone {
            let pair = try array(of: separators)
            guard pair.count == 2 else {
                throw failure("not enough values to unpack (expected 2, got \(pair.count))")
            }
            dump.itemSeparator = try textArgument(pair[0], "separators").bytes
            dump.keySeparator = try textArgument(pair[1], "separators").bytes
        }
        dump.sortsKeys = values[3]?.isTrue ?? false
        try dump.append(value)
        return try text(dump.bytes)
    }
}
