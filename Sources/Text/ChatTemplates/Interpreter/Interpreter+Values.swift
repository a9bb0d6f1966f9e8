internal import OrderedJSON

extension Interpreter {
    /// A list's or tuple's elements.
    ///
    /// - Throws: `TemplateError` of kind `limit` when they are nested too deep to be handled safely.
    func elements(_ values: [Value], isGroup: Bool = false) throws(TemplateError) -> Elements {
        try charge(values.count)
        var depth = 1
        var weight = 0
        for value in values {
            depth = max(depth, value.depth + 1)
            weight += value.weight
        }
        try checkDepth(depth)
        return Elements(unchecked: values, depth: depth, isGroup: isGroup, weight: weight, memory)
    }

    func list(_ values: [Value]) throws(TemplateError) -> Value { .list(try elements(values)) }

    func tuple(_ values: [Value]) throws(TemplateError) -> Value { .tuple(try elements(values)) }

    /// A dictionary with the limits checked.
    func dictionary(_ members: Members) throws(TemplateError) -> Value {
        try charge(members.count)
        try checkDepth(members.depth)
        return .dictionary(members)
    }

    /// A sequence computed as it is read from a source.
    func lazy(
        _ name: String = "generator",
        over source: Value,
        _ pull: @escaping () throws(TemplateError) -> Value?
    ) throws(TemplateError) -> Value {
        let depth = source.depth + 1
        try checkDepth(depth)
        return .lazy(LazySequence(name: name, depth: depth, memory, pull: pull))
    }

    func checkDepth(_ depth: Int) throws(TemplateError) {
        if depth > Self.valueDepthLimit {
            throw failure("a value is nested more than \(Self.valueDepthLimit) levels deep", .limit)
        }
    }

    /// Deepest nesting of values: JSON of the default depth in a few lists of the template's own.
    static let valueDepthLimit = 160

    /// A text whose memory is counted.
    func made(_ bytes: [UInt8], isMarkup: Bool = false) -> Value {
        .string(Text(bytes: bytes, isMarkup: isMarkup, memory))
    }

    /// A text with the limits checked.
    func text(_ bytes: [UInt8], isMarkup: Bool = false) throws(TemplateError) -> Value {
        try charge(bytes: bytes.count)
        try checkLength(bytes.count)
        return made(bytes, isMarkup: isMarkup)
    }

    /// Bytes over and over; the length is checked before they are made.
    func filling(_ piece: [UInt8], count: Int) throws(TemplateError) -> [UInt8] {
        let (length, overflow) = max(0, count).multipliedReportingOverflow(by: piece.count)
        try checkLength(overflow ? .max : length)
        try reserve(length)
        try charge(bytes: length)
        if piece.count == 1 { return [UInt8](repeating: piece[0], count: length) }
        var filling: [UInt8] = []
        filling.reserveCapacity(length)
        if length > 0 { filling += piece }
        while filling.count < length { filling += filling.prefix(length - filling.count) }
        return filling
    }

    /// A JSON value as templates see it.
    func value(of json: JSONValue, depth: Int = 0) throws(TemplateError) -> Value {
        switch json {
        case .null: return .none
        case .bool(let flag): return .bool(flag)
        case .integer(let value): return .integer(value)
        case .number(let value): return .float(value)
        case .string(let text): return made(Array(text.utf8))
        case .array(let elements):
            try checkDepth(depth + 1)
            var values = Collector(self)
            for element in elements { try values.append(try value(of: element, depth: depth + 1)) }
            return try list(values.values)
        case .object(let object):
            try checkDepth(depth + 1)
            let members = Members(memory)
            for (key, member) in object {
                try charge(1)
                members.set(Text(key), to: try value(of: member, depth: depth + 1))
            }
            return try dictionary(members)
        }
    }

    /// What `str()` gives.
    func string(_ value: Value) throws(TemplateError) -> Text {
        if case .string(let text) = value { return text }
        var bytes: [UInt8] = []
        try Representation.appendText(of: value, to: &bytes, self)
        return Text(bytes: bytes, memory)
    }

    /// What `repr()` gives.
    func representation(_ value: Value) throws(TemplateError) -> [UInt8] {
        var bytes: [UInt8] = []
        try Representation.append(value, to: &bytes, self)
        return bytes
    }

    /// The beginning of what `repr()` gives, for messages.
    func shown(_ value: Value) throws(TemplateError) -> String {
        if case .string(let text) = value {
            return String(decoding: Representation.quoted(Array(text.excerpt.utf8)), as: UTF8.self)
        }
        return String(decoding: try representation(value).prefix(128), as: UTF8.self).excerpt()
    }

    func undefined(_ reason: Undefined.Reason) -> Value { .undefined(Undefined(reason)) }

    /// The dictionary key of a value.
    func key(_ value: Value) throws(TemplateError) -> Members.Key {
        switch value {
        case .undefined: return .undefined
        case .none: return .none
        case .bool(let flag): return .integer(flag ? 1 : 0)
        case .integer(let value): return .integer(value)
        case .float(let value): return Int(exactly: value).map { .integer($0) } ?? .float(value.bitPattern)
        case .string(let text):
            try charge(bytes: text.bytes.count)
            return .string(text)
        case .tuple(let elements):
            try charge(elements.values.count)
            return .tuple(try elements.values.map { value throws(TemplateError) in try key(value) })
        case .list, .dictionary, .view: throw failure("unhashable type: '\(value.typeName)'")
        case .range(let range): return .object(ObjectIdentifier(range))
        case .lazy(let object): return .object(ObjectIdentifier(object))
        case .namespace(let object): return .object(ObjectIdentifier(object))
        case .loop(let object): return .object(ObjectIdentifier(object))
        case .macro(let object): return .object(ObjectIdentifier(object))
        case .method(let object): return .object(ObjectIdentifier(object))
        case .cycler(let object): return .object(ObjectIdentifier(object))
        case .joiner(let object): return .object(ObjectIdentifier(object))
        case .function(let function): return .string(Text("function \(function.rawValue)"))
        }
    }
}

/// Collects values whose number isn't known beforehand, and checks that there is memory for them.
struct Collector {
    private let interpreter: Interpreter
    private(set) var values: [Value] = []
    private var weight = 0

    init(_ interpreter: Interpreter) { self.interpreter = interpreter }

    /// Appends a value.
    mutating func append(_ value: Value) throws(TemplateError) {
        weight += value.weight
        try interpreter.reserve(weight)
        values.append(value)
    }

    /// Appends a part of a text, as a text.
    mutating func append(_ bytes: some Sequence<UInt8>) throws(TemplateError) {
        try append(interpreter.made(Array(bytes)))
    }
}
