/// The functions every template can call.
enum Function: String, Sendable, CaseIterable {
    case range, dict, namespace, cycler, joiner, lipsum
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"

    var typeName: String {
        switch self {
        case .dict: "TemplateDict"
        case .namespace, .cycler, .joiner: "type"
        default: "function"
        }
    }
}

extension Interpreter {
    /// What a function gives.
    func call(_ function: Function, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch function {
        case .range: return try range(arguments)
        case .dict: return try dictionary(try members(arguments))
        case .namespace:
            let members = try members(arguments)
            for key in members.keys { if case .string(let name) = key { try checkAttributeName(name.excerpt) } }
            _ = try dictionary(members)
            return .namespace(Namespace(members))
        case .cycler:
            guard !arguments.positional.isEmpty else { throw failure("at least one item has to be provided") }
            let items = try elements(arguments.positional)
            try checkDepth(items.depth + 1)
            return .cycler(Cycler(items))
        case .joiner:
            let separator = try arguments.bound(to: ["sep"], of: "joiner", self)[0] ?? .text(", ")
            try checkDepth(separator.depth + 1)
            return .joiner(Joiner(separator, memory))
        case .lipsum: throw failure("lipsum isn't supported: a prompt has no place for random text")
        case .raiseException:
            let values = try arguments.bound(to: ["message"], required: 1, of: function.rawValue, self)
            let message = try string(values[0] ?? .none).bytes.prefix(2 * TemplateError.longestMessage)
            throw failure(String(decoding: message, as: UTF8.self), .raised)
        case .strftimeNow:
            let values = try arguments.bound(to: ["format"], required: 1, of: function.rawValue, self)
            let pattern = try textArgument(values[0], function.rawValue)
            try charge(pattern.bytes.count)
            guard let text = now.formatted(pattern.bytes) else { throw failure("the time's text is too long", .limit) }
            return try self.text(text)
        }
    }

    private func range(_ arguments: Arguments) throws(TemplateError) -> Value {
        var bounds: [Int] = []
        guard arguments.keywords.isEmpty else { throw failure("range() takes no keyword arguments") }
        for value in arguments.positional { bounds.append(try integerArgument(value)) }
        let range: IntegerRange?
        switch bounds.count {
        case 1: range = IntegerRange(start: 0, stop: bounds[0], step: 1)
        case 2: range = IntegerRange(start: bounds[0], stop: bounds[1], step: 1)
        case 3: range = IntegerRange(start: bounds[0], stop: bounds[1], step: bounds[2])
        default: throw failure("range expected 1 to 3 arguments, got \(bounds.count)")
        }
        guard let range else { throw failure("range() arg 3 must not be zero") }
        guard range.count <= limits.rangeLength else {
            let limit = limits.rangeLength
            throw failure("Range too big. The sandbox blocks ranges larger than MAX_RANGE (\(limit)).", .limit)
        }
        return .range(range)
    }

    /// The members of `dict(…)` and `namespace(…)`.
    private func members(_ arguments: Arguments) throws(TemplateError) -> Members {
        guard arguments.positional.count <= 1 else {
            throw failure("dict expected at most 1 argument, got \(arguments.positional.count)")
        }
        var members = Members(memory)
        switch arguments.positional.first {
        case nil: break
        case .dictionary(let other):
            try charge(other.count)
            try reserve(other.weight)
            members = Members(copying: other)
        case .some(let pairs):
            for (place, pair) in try array(of: pairs).enumerated() {
                let pair = try array(of: pair)
                guard pair.count == 2 else {
                    let message = "dictionary update sequence element #\(place) has length \(pair.count)"
                    throw failure("\(message); 2 is required")
                }
                try charge(1)
                members.set(pair[0], hash: try key(pair[0]), to: pair[1])
            }
        }
        for (name, value) in arguments.keywords {
            try charge(bytes: name.utf8.count)
            members.set(Text(name), to: value)
        }
        return members
    }
}
