extension Interpreter {
    /// Filters that apply a filter or a test to each element.
    func applyLazy(_ filter: Filter, to value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        // An empty sequence isn't looked at, nor are the arguments.
        guard value.isTrue else { return try lazy(over: value) { () throws(TemplateError) in nil } }
        let transform = filter == .map ? try mapping(arguments) : try selecting(filter, arguments)
        let held = try tuple([value] + arguments.positional + arguments.keywords.map(\.value))
        var elements: ValueIterator?
        return try lazy(over: held) { () throws(TemplateError) in
            if elements == nil { elements = try self.iterator(over: value) }
            guard let source = elements else { return nil }
            while let element = try source.next() {
                try self.charge(1)
                if let result = try transform(element) { return result }
            }
            return nil
        }
    }

    private typealias Transform = (Value) throws(TemplateError) -> Value?

    private func mapping(_ arguments: Arguments) throws(TemplateError) -> Transform {
        if arguments.positional.isEmpty, arguments.keywords.contains(where: { $0.name == "attribute" }) {
            let other = arguments.keywords.first { $0.name != "attribute" && $0.name != "default" }
            if let other { throw failure("Unexpected keyword argument '\(other.name.excerpt())'") }
            let path = try attributePath(arguments.keywords.first { $0.name == "attribute" }?.value ?? .none) ?? []
            let standard = arguments.keywords.first { $0.name == "default" }.flatMap {
                $0.value.isNone ? nil : $0.value
            }
            return { element throws(TemplateError) in try self.follow(path, from: element, standard: standard) }
        }
        guard let first = arguments.positional.first else { throw failure("map requires a filter argument") }
        let name = try string(first).excerpt
        guard let filter = Filter(rawValue: name) else { throw failure("No filter named '\(name)'.") }
        let rest = Arguments(positional: Array(arguments.positional.dropFirst()), keywords: arguments.keywords)
        return { element throws(TemplateError) in
            try self.descend()
            defer { self.ascend() }
            return try self.apply(filter, to: element, rest)
        }
    }

    private func selecting(_ filter: Filter, _ arguments: Arguments) throws(TemplateError) -> Transform {
        var rest = arguments.positional
        var path: [Value] = []
        if filter == .selectattr || filter == .rejectattr {
            guard !rest.isEmpty else { throw failure("Missing parameter for attribute name") }
            path = try attributePath(rest.removeFirst()) ?? []
        }
        let wanted = filter == .select || filter == .selectattr
        guard !rest.isEmpty else {
            return { element throws(TemplateError) in
                try self.follow(path, from: element).isTrue == wanted ? element : nil
            }
        }
        let name = try string(rest.removeFirst()).excerpt
        guard let predicate = Predicate(rawValue: name) else { throw failure("No test named '\(name)'.") }
        let tested = Arguments(positional: rest, keywords: arguments.keywords)
        return { element throws(TemplateError) in
            try self.holds(predicate, try self.follow(path, from: element), tested) == wanted ? element : nil
        }
    }
}

/// Questions about kinds of values.
enum ValueKind {
    /// Whether a `for` block can go over a value.
    static func isIterable(_ value: Value) -> Bool {
        switch value {
        case .undefined, .string, .list, .tuple, .dictionary, .range, .view, .lazy, .loop: true
        default: false
        }
    }
}
