/// The values handed to a call.
struct Arguments {
    var positional: [Value] = []
    var keywords: [(name: String, value: Value)] = []

    var isEmpty: Bool { positional.isEmpty && keywords.isEmpty }

    /// The arguments for these parameters, absent ones `nil`.
    ///
    /// - Throws: `TemplateError` for too many arguments, unknown names, and missing ones among the first `required`.
    func bound(
        to names: [String],
        required: Int = 0,
        of function: String,
        _ interpreter: Interpreter
    ) throws(TemplateError) -> [Value?] {
        guard positional.count <= names.count else {
            let message = "\(function)() takes at most \(names.count) arguments (\(positional.count) given)"
            throw interpreter.failure(message)
        }
        var values: [Value?] = positional
        values.append(contentsOf: repeatElement(nil, count: names.count - positional.count))
        for (name, value) in keywords {
            guard let place = names.firstIndex(of: name) else {
                throw interpreter.failure("\(function)() got an unexpected keyword argument '\(name.excerpt())'")
            }
            guard values[place] == nil else {
                throw interpreter.failure("\(function)() got multiple values for argument '\(name.excerpt())'")
            }
            values[place] = value
        }
        for (place, name) in names.prefix(required).enumerated() where values[place] == nil {
            throw interpreter.failure("\(function)() missing required argument '\(name)' (pos \(place + 1))")
        }
        return values
    }
}

extension Interpreter {
    /// The values of written arguments.
    func evaluate(_ list: ArgumentList, in scope: Scope) throws(TemplateError) -> Arguments {
        var arguments = Arguments()
        if list.isEmpty { return arguments }
        for expression in list.positional { arguments.positional.append(try evaluate(expression, in: scope)) }
        for (name, expression) in list.keywords {
            arguments.keywords.append((name, try evaluate(expression, in: scope)))
        }
        if let spread = list.spread {
            let values = try array(of: try evaluate(spread, in: scope))
            try charge(values.count)
            arguments.positional += values
        }
        if let spread = list.keywordSpread {
            guard case .dictionary(let members) = try evaluate(spread, in: scope) else {
                throw failure("argument after ** must be a mapping")
            }
            try spreadKeywords(members, into: &arguments)
        }
        return arguments
    }

    private func spreadKeywords(_ members: Members, into arguments: inout Arguments) throws(TemplateError) {
        try reserve(members.count, of: 2 * Members.memberWeight)
        let written = Set(arguments.keywords.map(\.name))
        arguments.keywords.reserveCapacity(written.count + members.count)
        for (key, value) in zip(members.keys, members.values) {
            guard case .string(let text) = key else { throw failure("keywords must be strings") }
            try charge(bytes: text.bytes.count)
            let name = text.string
            guard !written.contains(name) else {
                throw failure("got multiple values for keyword argument '\(name.excerpt())'")
            }
            arguments.keywords.append((name, value))
        }
    }

    /// Calls a value.
    func call(_ callee: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch callee {
        case .macro(let macro): return try call(macro, arguments)
        case .function(let function): return try call(function, arguments)
        case .method(let method): return try call(method, arguments)
        case .loop(let loop):
            let values = try arguments.bound(to: ["iterable"], required: 1, of: "loop", self)
            return try recurse(loop, over: values[0] ?? .none)
        case .joiner(let joiner):
            defer { joiner.isUsed = true }
            return joiner.isUsed ? joiner.separator : .text("")
        case .undefined(let undefined): throw failure(undefined.message)
        default: throw failure("'\(callee.typeName)' object is not callable")
        }
    }

    private func call(_ method: BoundMethod, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch method.receiver {
        case .string(let text):
            if let known = StringMethod(rawValue: method.name) { return try call(known, on: text, arguments) }
        case .dictionary(let members):
            if let known = DictionaryMethod(rawValue: method.name) { return try call(known, on: members, arguments) }
        case .list(let elements), .tuple(let elements):
            return try callSequenceMethod(method.name, on: elements, method.receiver, arguments)
        case .range(let range):
            return try callSequenceMethod(
                method.name,
                on: try elements(try array(of: .range(range))),
                method.receiver,
                arguments
            )
        case .loop(let loop): return try callLoopMethod(method.name, on: loop, arguments)
        case .cycler(let cycler):
            if method.name == "reset" {
                cycler.position = 0
                return .none
            }
            let value = cycler.items.values[cycler.position]
            cycler.position = (cycler.position + 1) % cycler.items.values.count
            return value
        case .function(.dict): return try dictionaryFromKeys(arguments)
        case .float(let value): return .bool(value.isFinite && value == value.rounded(.towardZero))
        case .integer(let value): return .integer(Int.bitWidth - value.magnitude.leadingZeroBitCount)
        default: break
        }
        throw failure("'\(method.receiver.typeName)' object has no method '\(method.name)'")
    }

    private func callLoopMethod(
        _ name: String,
        on loop: LoopState,
        _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        let values = arguments.positional
        if name == "cycle" {
            guard !values.isEmpty else { throw failure("no items for cycling given") }
            return values[max(0, loop.index0) % values.count]
        }
        if let last = loop.lastChange, try equal(last, values) { return .bool(false) }
        loop.lastChange = values
        return .bool(true)
    }

    private func call(_ macro: Macro, _ arguments: Arguments) throws(TemplateError) -> Value {
        try descend()
        defer { ascend() }
        let line = line
        defer { self.line = line }
        let scope = Scope(parent: macro.scope)
        try bind(arguments, of: macro, in: scope)
        return try capture { () throws(TemplateError) in _ = try run(macro.definition.body, in: scope) }
    }

    /// Gives a macro's parameters their values.
    private func bind(_ arguments: Arguments, of macro: Macro, in scope: Scope) throws(TemplateError) {
        let definition = macro.definition
        try charge(definition.parameters.count + arguments.positional.count)
        var keywords = Keywords(arguments)
        var missing: [MacroDefinition.Parameter] = []
        for (place, parameter) in definition.parameters.enumerated() {
            if place < arguments.positional.count {
                scope.set(parameter.nameID, to: arguments.positional[place])
            } else if let value = keywords.take(parameter.name) {
                scope.set(parameter.nameID, to: value)
            } else {
                missing.append(parameter)
            }
        }
        if let name = definition.callerName {
            scope.set(name, to: keywords.take("caller") ?? undefined(.hint("No caller defined")))
        }
        if let name = definition.keywordsName {
            let members = Members(memory)
            for (name, value) in keywords.rest { members.set(Text(name), to: value) }
            scope.set(name, to: try dictionary(members))
        } else if keywords.has("caller") {
            let message = "was invoked with two values for the special caller argument. This is most likely a bug."
            throw failure("macro '\(definition.name.excerpt())' \(message)")
        } else if let keyword = keywords.rest.first {
            let name = keyword.name.excerpt()
            throw failure("macro '\(definition.name.excerpt())' takes no keyword argument '\(name)'")
        }
        let extra = arguments.positional.dropFirst(definition.parameters.count)
        if let name = definition.extraName {
            scope.set(name, to: try tuple(Array(extra)))
        } else if !extra.isEmpty {
            let count = definition.parameters.count
            throw failure("macro '\(definition.name.excerpt())' takes not more than \(count) argument(s)")
        }
        for parameter in missing {
            let value = try parameter.standard.map { standard throws(TemplateError) in
                try evaluate(standard, in: scope)
            }
            scope.set(parameter.nameID, to: value ?? undefined(.parameter(parameter.name)))
        }
    }
}

/// The keyword arguments of a call, of which each can be taken once.
struct Keywords {
    private let all: [(name: String, value: Value)]
    /// The first place of each name that is still there.
    private var places: [String: Int] = [:]
    private var taken: Set<Int> = []

    init(_ arguments: Arguments) {
        all = arguments.keywords
        for (place, keyword) in all.enumerated() where places[keyword.name] == nil { places[keyword.name] = place }
    }

    /// Those that weren't taken, in order.
    var rest: [(name: String, value: Value)] {
        all.enumerated().filter { !taken.contains($0.offset) }.map(\.element)
    }

    func has(_ name: String) -> Bool { places[name] != nil }

    subscript(_ name: String) -> Value? { places[name].map { all[$0].value } }

    mutating func take(_ name: String) -> Value? {
        guard let place = places.removeValue(forKey: name) else { return nil }
        taken.insert(place)
        return all[place].value
    }
}
