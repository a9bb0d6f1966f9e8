/// Values as Python writes them: `str()` and `repr()`.
enum Representation {
    /// Appends what printing a value shows.
    static func appendText(
        of value: Value,
        to bytes: inout [UInt8],
        _ interpreter: Interpreter
    ) throws(TemplateError) {
        switch value {
        case .string(let text):
            try interpreter.charge(bytes: text.bytes.count)
            bytes.append(contentsOf: text.bytes)
        case .undefined: break
        default: try append(value, to: &bytes, interpreter)
        }
        try interpreter.checkLength(bytes.count)
    }

    /// Appends a value as Python source, more or less.
    static func append(_ value: Value, to bytes: inout [UInt8], _ interpreter: Interpreter) throws(TemplateError) {
        try interpreter.charge(1)
        try interpreter.checkLength(bytes.count)
        switch value {
        case .undefined: bytes.append(contentsOf: "Undefined".utf8)
        case .none: bytes.append(contentsOf: "None".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "True" : "False").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .float(let value): bytes.append(contentsOf: NumberText.shortest(value).utf8)
        case .string(let text):
            // Code points are asked whether they can be shown as they are.
            try interpreter.charge(text.bytes.count / 4 + 1)
            if text.isMarkup { bytes.append(contentsOf: "Markup(".utf8) }
            // Ten bytes for four, at most.
            try interpreter.reserve(text.bytes.count, of: 4)
            bytes.append(contentsOf: quoted(text.bytes))
            if text.isMarkup { bytes.append(UInt8(ascii: ")")) }
        case .list(let elements):
            try append(elements.values, between: "[", "]", to: &bytes, interpreter)
        case .tuple(let elements):
            try append(elements.values, between: "(", elements.values.count == 1 ? ",)" : ")", to: &bytes, interpreter)
        case .dictionary(let members): try append(members, to: &bytes, interpreter)
        case .view(let view):
            bytes.append(contentsOf: "\(value.typeName)(".utf8)
            try append(try interpreter.array(of: .view(view)), between: "[", "]", to: &bytes, interpreter)
            bytes.append(UInt8(ascii: ")"))
        case .namespace(let namespace):
            try interpreter.descend()
            defer { interpreter.ascend() }
            bytes.append(contentsOf: "<TemplateNamespace ".utf8)
            try append(namespace.attributes, to: &bytes, interpreter)
            bytes.append(UInt8(ascii: ">"))
        default: bytes.append(contentsOf: opaque(value).utf8)
        }
    }

    private static func opaque(_ value: Value) -> String {
        switch value {
        case .range(let range):
            range.step == 1
                ? "range(\(range.start), \(range.stop))" : "range(\(range.start), \(range.stop), \(range.step))"
        case .loop(let loop): "<LoopContext \(loop.index0 + 1)/\(loop.knownCount.map(String.init) ?? "?")>"
        case .macro(let macro): "<Macro '\(macro.definition.name.excerpt())'>"
        case .function(let function): "<function \(function.rawValue)>"
        case .method(let method): "<built-in method \(method.name) of \(method.receiver.typeName) object>"
        default: "<\(value.typeName) object>"
        }
    }

    private static func append(
        _ values: [Value],
        between open: String,
        _ close: String,
        to bytes: inout [UInt8],
        _ interpreter: Interpreter
    ) throws(TemplateError) {
        bytes.append(contentsOf: open.utf8)
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(contentsOf: ", ".utf8) }
            try append(value, to: &bytes, interpreter)
        }
        bytes.append(contentsOf: close.utf8)
    }

    private static func append(
        _ members: Members,
        to bytes: inout [UInt8],
        _ interpreter: Interpreter
    ) throws(TemplateError) {
        bytes.append(UInt8(ascii: "{"))
        for place in 0..<members.count {
            if place > 0 { bytes.append(contentsOf: ", ".utf8) }
            try append(members.keys[place], to: &bytes, interpreter)
            bytes.append(contentsOf: ": ".utf8)
            try append(members.values[place], to: &bytes, interpreter)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// A text in quotes: single ones unless it has single ones and no double ones.
    static func quoted(_ text: [UInt8]) -> [UInt8] {
        let single = UInt8(ascii: "'")
        let quote = text.contains(single) && !text.contains(UInt8(ascii: "\"")) ? UInt8(ascii: "\"") : single
        var bytes: [UInt8] = [quote]
        var index = 0
        while index < text.count {
            let (value, length) = UTF8Text.scalar(in: text, at: index)
            switch value {
            case UInt32(quote), 0x5C: bytes.append(contentsOf: [0x5C, UInt8(value)])
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x20..<0x7F: bytes.append(UInt8(value))
            default:
                if isPrintable(value) {
                    bytes.append(contentsOf: text[index..<index + length])
                } else {
                    appendEscape(of: value, to: &bytes)
                }
            }
            index += length
        }
        bytes.append(quote)
        return bytes
    }

    private static func appendEscape(of value: UInt32, to bytes: inout [UInt8]) {
        let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        bytes.append(0x5C)
        bytes.append(contentsOf: letter.utf8)
        for place in (0..<width).reversed() {
            let digit = UInt8(value >> UInt32(4 * place) & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// Whether a code point other than the space is written as it is.
    static func isPrintable(_ value: UInt32) -> Bool {
        switch Unicode.Scalar(value)?.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator, nil:
            false
        default: true
        }
    }
}
