/// The methods of dictionaries.
enum DictionaryMethod: String, Sendable, CaseIterable {
    case clear, copy, fromkeys, get, items, keys, pop, popitem, setdefault, update, values

    /// Whether the method changes the dictionary, which the sandbox forbids.
    var changes: Bool {
        switch self {
        case .clear, .pop, .popitem, .setdefault, .update: true
        default: false
        }
    }
}

extension Interpreter {
    /// What a method of a dictionary gives.
    func call(
        _ method: DictionaryMethod,
        on members: Members,
        _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        switch method {
        case .items, .keys, .values, .copy:
            _ = try arguments.bound(to: [], of: method.rawValue, self)
            switch method {
            case .items: return .view(MembersView(members, .items))
            case .keys: return .view(MembersView(members, .keys))
            case .values: return .view(MembersView(members, .values))
            default:
                try reserve(members.weight)
                return try dictionary(Members(copying: members))
            }
        case .get:
            let values = try arguments.bound(to: ["key", "default"], required: 1, of: "get", self)
            if case .string(let text) = values[0] {
                try charge(bytes: text.bytes.count)
                return members[text] ?? values[1] ?? .none
            }
            return members[try key(values[0] ?? .none)] ?? values[1] ?? .none
        case .fromkeys: return try dictionaryFromKeys(arguments)
        default: throw failure("dictionaries can't be changed")
        }
    }

    /// `dict.fromkeys`.
    func dictionaryFromKeys(_ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["iterable", "value"], required: 1, of: "fromkeys", self)
        let members = Members(memory)
        for element in try array(of: values[0] ?? .none) {
            try charge(1)
            members.set(element, hash: try key(element), to: values[1] ?? .none)
        }
        return try dictionary(members)
    }

    /// What a method of a list, tuple or range gives.
    func callSequenceMethod(
        _ name: String,
        on elements: Elements,
        _ receiver: Value,
        _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        switch name {
        case "copy":
            _ = try arguments.bound(to: [], of: name, self)
            return try list(elements.values)
        case "count":
            let value = try arguments.bound(to: ["value"], required: 1, of: name, self)[0] ?? .none
            var count = 0
            for element in elements.values where try equal(element, value) { count += 1 }
            return .integer(count)
        default:
            let values = try arguments.bound(to: ["value", "start", "stop"], required: 1, of: "index", self)
            let start = try values[1].map { value throws(TemplateError) in try integerArgument(value) }
            let stop = try values[2].map { value throws(TemplateError) in try integerArgument(value) }
            let value = values[0] ?? .none
            if let places = SlicePlaces(start: start, stop: stop, step: 1, elements.values.count) {
                for place in places where try equal(elements.values[place], value) { return .integer(place) }
            }
            throw failure("\(try shown(value)) is not in \(receiver.typeName)")
        }
    }
}
