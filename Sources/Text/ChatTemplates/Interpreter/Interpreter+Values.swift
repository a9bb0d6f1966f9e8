internal import OrderedJSON

extension Interpreter {
    /// A list's or tuple's elements.
    ///
    /// - Throws: `TemplateError` of kind `limit` when they are nested too deep to be handled safely.
    func elements(_ values: [Value], isGroup: Bool = false) throws(TemplateError) -> Elements {
        try charge(values.count)
        var depth = 1
        for value in values { depth = max(depth, value.depth + 1) }
        try checkDepth(depth)
        return Elements(unchecked: values, depth: depth, isGroup: isGroup)
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
        return .lazy(LazySequence(name: name, depth: depth, pull: pull))
    }

    func checkDepth(_ depth: Int) throws(TemplateError) {
        if depth > Self.valueDepthLimit {
            throw failure("a value is nested more than \(Self.valueDepthLimit) levels deep", .limit)
        }
    }

    /// Deepest nesting of values: JSON of the default depth in a few lists of the template's own.
    static let valueDepthLimit = 160

    /// A text with the limits checked.
    func text(_ bytes: [UInt8], isMarkup: Bool = false) throws(TemplateError) -> Value {
        try charge(bytes: bytes.count)
        try checkLength(bytes.count)
        return .string(Text(bytes: bytes, isMarkup: isMarkup))
    }

    /// A JSON value as templates see it.
    func value(of json: JSONValue, depth: Int = 0) throws(TemplateError) -> Value {
        switch json {
        case .null: return .none
        case .bool(let flag): return .bool(flag)
        case .integer(let value): return .integer(value)
        case .number(let value): return .float(value)
        case .string(let text): return .string(Text(text))
        case .array(let elements):
            try checkDepth(depth + 1)
            var values: [Value] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try value(of: element, depth: depth + 1)) }
            return try list(values)
        case .object(let object):
            try checkDepth(depth + 1)
            let members = Members()
            for (key, member) in object { members.set(Text(key), to: try value(of: member, depth: depth + 1)) }
            return try dictionary(members)
        }
    }

    /// What `str()` gives.
    func string(_ value: Value) throws(TemplateError) -> Text {
        if case .string(let text) = value { return text }
        var bytes: [UInt8] = []
        try Representation.appendText(of: value, to: &bytes, self)
        return Text(bytes: bytes)
    }

    /// What `repr()` gives, for messages.
    func representation(_ value: Value) throws(TemplateError) -> String {
        var bytes: [UInt8] = []
        try Representation.append(value, to: &bytes, self)
        return String(decoding: bytes, as: UTF8.self)
    }

    func undefined(_ reason: Undefined.Reason) -> Value { .undefined(Undefined(reason)) }

    /// The dictionary key of a value.
    func key(_ value: Value) throws(TemplateError) -> Members.Key {
        switch value {
        case .undefined: return .undefined
        case .none: return .none
        case .bool(let flag): return .integer(flag ? 1 : 0)
        case .integer(let value): return .integer(value)
        case .float(let value): return Int(exactly: value).map { .integer($0) } ?? .float(value)
        case .string(let text): return .string(text)
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
