extension Interpreter {
    /// What `value.name` is: an attribute, else an item, else undefined.
    func attribute(_ name: AttributeName, of value: Value) throws(TemplateError) -> Value {
        if case .undefined(let undefined) = value { throw failure(undefined.message) }
        if let found = try ownAttribute(name, of: value) { return found }
        if case .dictionary(let members) = value, let item = members[name.key] { return item }
        return undefined(.attribute(of: value.objectName, name.name))
    }

    /// What `value[key]` is: an item, else for text keys an attribute, else undefined.
    func item(_ key: Value, of value: Value) throws(TemplateError) -> Value {
        try charge(1)
        if case .undefined(let undefined) = value { throw failure(undefined.message) }
        if let found = try ownItem(key, of: value) { return found }
        if case .string(let text) = key { return try attribute(named: text, of: value, isItem: true) }
        return undefined(.element(of: value.objectName, try shown(key)))
    }

    /// What the attribute of a name known only now is, else undefined.
    func attribute(named text: Text, of value: Value, isItem: Bool = false) throws(TemplateError) -> Value {
        if case .undefined(let undefined) = value { throw failure(undefined.message) }
        try charge(bytes: text.bytes.count)
        // Nothing but a namespace has names of any length.
        if case .namespace(let namespace) = value, let found = namespace.attributes[text] { return found }
        if text.bytes.count <= Self.longestName {
            let name = AttributeName(text.string)
            if let found = try ownAttribute(name, of: value) { return found }
            if !isItem, case .dictionary(let members) = value, let item = members[text] { return item }
        }
        return undefined(.attribute(of: value.objectName, text.excerpt))
    }

    /// Longest name of an attribute that values have by themselves, with room to spare.
    static let longestName = 64

    /// What is in a container under a key; `nil` when nothing is or the key doesn't fit the container.
    func ownItem(_ key: Value, of value: Value) throws(TemplateError) -> Value? {
        if case .dictionary(let members) = value {
            switch key {
            case .string(let text):
                try charge(bytes: text.bytes.count)
                return members[text]
            case .list, .dictionary, .view: return nil
            default: return members[try self.key(key)]
            }
        }
        guard let index = key.asInteger else { return nil }
        switch value {
        case .list(let elements), .tuple(let elements):
            return place(index, in: elements.values.count).map { elements.values[$0] }
        case .range(let range): return place(index, in: range.count).map { .integer(range[$0]) }
        case .string(let text):
            try charge(bytes: text.bytes.count)
            return place(index, in: text.count).map { .text(text.slice($0..<$0 + 1)) }
        default: return nil
        }
    }

    private func place(_ index: Int, in count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    private static let privateNames: Set<String> = [
        "__class__", "__init__", "__doc__", "__dict__", "__eq__", "__hash__", "__len__", "__iter__", "__getitem__",
        "__str__", "__repr__", "__new__", "__reduce__", "__subclasshook__", "__sizeof__", "__module__", "__call__",
        "__globals__", "__mro__", "__base__", "__bases__", "__subclasses__", "__getattribute__", "__format__",
    ]

    private func ownAttribute(_ name: AttributeName, of value: Value) throws(TemplateError) -> Value? {
        if name.name.hasPrefix("__"), Self.privateNames.contains(name.name) {
            if case .namespace = value { return nil }
            return undefined(.forbidden(of: value.typeName, name.name))
        }
        switch value {
        case .string: return name.stringMethod == nil ? nil : method(name.name, of: value)
        case .dictionary:
            guard let known = name.dictionaryMethod else { return nil }
            return known.changes ? undefined(.forbidden(of: "dict", name.name)) : method(name.name, of: value)
        case .list:
            switch name.name {
            case "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort":
                return undefined(.forbidden(of: "list", name.name))
            case "copy", "count", "index": return method(name.name, of: value)
            default: return nil
            }
        case .tuple(let elements):
            switch name.name {
            case "count", "index": return method(name.name, of: value)
            case "grouper" where elements.isGroup: return elements.values[0]
            case "list" where elements.isGroup: return elements.values[1]
            default: return nil
            }
        case .namespace(let namespace): return namespace.attributes[name.key]
        case .loop(let loop): return try attribute(name.name, of: loop)
        default: return try rareAttribute(name.name, of: value)
        }
    }

    private func rareAttribute(_ name: String, of value: Value) throws(TemplateError) -> Value? {
        switch (value, name) {
        case (.range(let range), "start"): .integer(range.start)
        case (.range(let range), "stop"): .integer(range.stop)
        case (.range(let range), "step"): .integer(range.step)
        case (.range, "count"), (.range, "index"): method(name, of: value)
        case (.macro(let macro), "name"): .text(macro.definition.name)
        case (.macro(let macro), "arguments"):
            try tuple(macro.definition.parameters.map { .text($0.name) })
        case (.macro(let macro), "caller"): .bool(macro.definition.callerName != nil)
        case (.macro(let macro), "catch_kwargs"): .bool(macro.definition.keywordsName != nil)
        case (.macro(let macro), "catch_varargs"): .bool(macro.definition.extraName != nil)
        case (.cycler(let cycler), "current"): cycler.items.values[cycler.position]
        case (.cycler, "next"), (.cycler, "reset"): method(name, of: value)
        case (.joiner(let joiner), "sep"): joiner.separator
        case (.joiner(let joiner), "used"): .bool(joiner.isUsed)
        case (.function(.dict), "fromkeys"): method(name, of: value)
        case (.integer, "real"), (.integer, "numerator"), (.float, "real"): value
        case (.integer, "imag"): .integer(0)
        case (.integer, "denominator"): .integer(1)
        case (.integer, "bit_length"), (.float, "is_integer"): method(name, of: value)
        default: nil
        }
    }

    private func method(_ name: String, of value: Value) -> Value {
        .method(BoundMethod(receiver: value, name: name, depth: value.depth + 1))
    }

    /// What `value[start:stop:step]` is.
    func slice(_ value: Value, start: Value, stop: Value, step: Value) throws(TemplateError) -> Value {
        func bound(_ value: Value) throws(TemplateError) -> Int? {
            if value.isNone { return nil }
            guard let integer = value.asInteger else {
                throw failure("slice indices must be integers or None or have an __index__ method")
            }
            return integer
        }
        if case .undefined(let undefined) = value { throw failure(undefined.message) }
        let count: Int
        switch value {
        case .list(let elements), .tuple(let elements): count = elements.values.count
        case .range(let range): count = range.count
        case .string(let text):
            try charge(bytes: text.bytes.count)
            count = text.count
        default: return undefined(.element(of: value.objectName, "slice"))
        }
        guard let places = SlicePlaces(start: try bound(start), stop: try bound(stop), step: try bound(step), count)
        else { throw failure("slice step cannot be zero") }
        try charge(places.count)
        try reserve(places.count, of: 32)
        switch value {
        case .list(let elements): return try list(places.map { elements.values[$0] })
        case .tuple(let elements): return try tuple(places.map { elements.values[$0] })
        case .range(let range): return try list(places.map { .integer(range[$0]) })
        case .string(let text):
            if places.step == 1 { return made(text.slice(places.start..<places.start + places.count)) }
            try reserve(text.bytes.count, of: 4)
            let scalars = Array(text.scalars)
            return made(UTF8Text.bytes(places.map { scalars[$0] }))
        default: return .none
        }
    }
}

/// The places a slice takes from a sequence.
struct SlicePlaces: Sequence {
    let start: Int
    let step: Int
    let count: Int

    init?(start: Int?, stop: Int?, step: Int?, _ length: Int) {
        let step = step ?? 1
        guard step != 0 else { return nil }
        let low = step > 0 ? 0 : -1
        let high = step > 0 ? length : length - 1
        func clamped(_ bound: Int?, _ standard: Int) -> Int {
            guard let bound else { return standard }
            return Swift.min(Swift.max(bound < 0 ? bound + length : bound, low), high)
        }
        let first = clamped(start, step > 0 ? low : high)
        let last = clamped(stop, step > 0 ? high : low)
        let distance = step > 0 ? last - first : first - last
        self.start = first
        self.step = step
        count = distance <= 0 ? 0 : Int((UInt(distance) - 1) / step.magnitude) + 1
    }

    func makeIterator() -> AnyIterator<Int> {
        var taken = 0
        return AnyIterator {
            guard taken < count else { return nil }
            defer { taken += 1 }
            return start + taken * step
        }
    }
}
