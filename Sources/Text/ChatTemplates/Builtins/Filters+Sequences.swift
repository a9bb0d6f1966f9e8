extension Interpreter {
    /// Filters about sequences.
    func applySequence(_ filter: Filter, to value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch filter {
        case .list:
            _ = try arguments.bound(to: [], of: "list", self)
            return try list(try array(of: value))
        case .first:
            _ = try arguments.bound(to: [], of: "first", self)
            return try iterator(over: value).next() ?? undefined(.hint("No first item, sequence was empty."))
        case .last:
            _ = try arguments.bound(to: [], of: "last", self)
            if case .lazy(let sequence) = value { throw failure("'\(sequence.name)' object is not reversible") }
            return try array(of: value).last ?? undefined(.hint("No last item, sequence was empty."))
        case .random: throw failure("the filter 'random' isn't supported: prompts are reproducible")
        case .reverse: return try reversed(value, arguments)
        case .items:
            if value.isUndefined { return try lazy(over: value) { () throws(TemplateError) in nil } }
            guard case .dictionary(let members) = value else {
                throw failure("Can only get item pairs from a mapping.")
            }
            let pairs = try iterator(over: .view(MembersView(members, .items)))
            return try lazy(over: value) { () throws(TemplateError) in try pairs.next() }
        case .dictsort: return try sortedItems(value, arguments)
        case .sort: return try sortedValues(value, arguments)
        case .unique: return try unique(value, arguments)
        case .min, .max: return try extreme(value, arguments, isMaximum: filter == .max)
        case .groupby: return try grouped(value, arguments)
        case .batch: return try batched(value, arguments)
        default: return try sliced(value, arguments)
        }
    }

    private func reversed(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        _ = try arguments.bound(to: [], of: "reverse", self)
        switch value {
        case .string(let text):
            try charge(text.bytes.count)
            return .text(UTF8Text.bytes(text.scalars.reversed()))
        case .lazy: return try list(try array(of: value).reversed())
        default:
            guard ValueKind.isIterable(value) else { throw failure("argument must be iterable") }
            let elements = ValueIterator(try array(of: value).reversed())
            return try lazy("\(value.typeName)_reverseiterator", over: value) { () throws(TemplateError) in
                try elements.next()
            }
        }
    }

    private func sortedItems(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["case_sensitive", "by", "reverse"], of: "dictsort", self)
        let by = try values[1].map { by throws(TemplateError) in try string(by).string } ?? "key"
        guard by == "key" || by == "value" else {
            throw failure("You can only sort by either \"key\" or \"value\"")
        }
        if case .undefined(let undefined) = value { throw failure(undefined.message) }
        guard case .dictionary(let members) = value else {
            throw failure("'\(value.typeName)' object has no attribute 'items'")
        }
        var keys = by == "key" ? members.keys : members.values
        if values[0]?.isTrue != true { keys = try keys.map { key throws(TemplateError) in try ignoringCase(key) } }
        let order = try sorted(keys, isDescending: values[2]?.isTrue == true)
        return try list(
            try order.map { place throws(TemplateError) in
                try tuple([members.keys[place], members.values[place]])
            }
        )
    }

    private func sortedValues(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["reverse", "case_sensitive", "attribute"], of: "sort", self)
        var paths: [[Value]] = [[]]
        if case .string(let text) = values[2] {
            paths = try StringTools.split(text.bytes, by: [UInt8(ascii: ",")], limit: nil, fromEnd: false)
                .map { part throws(TemplateError) in try attributePath(.text(part)) ?? [] }
        } else if let path = try values[2].flatMap({ path throws(TemplateError) in try attributePath(path) }) {
            paths = [path]
        }
        let elements = try array(of: value)
        var keys: [Value] = []
        for element in elements {
            var parts: [Value] = []
            for path in paths {
                let part = try follow(path, from: element)
                parts.append(values[1]?.isTrue == true ? part : try ignoringCase(part))
            }
            keys.append(try list(parts))
        }
        let order = try sorted(keys, isDescending: values[0]?.isTrue == true)
        return try list(order.map { elements[$0] })
    }

    /// A value's key for comparing, by attribute and without case unless told otherwise.
    private func sortKey(
        _ element: Value,
        _ path: [Value],
        isCaseSensitive: Bool,
        standard: Value? = nil
    ) throws(TemplateError) -> Value {
        let value = try follow(path, from: element, standard: standard)
        return isCaseSensitive ? value : try ignoringCase(value)
    }

    private func unique(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["case_sensitive", "attribute"], of: "unique", self)
        let path = try attributePath(values[1] ?? .none) ?? []
        let isCaseSensitive = values[0]?.isTrue ?? false
        let elements = try iterator(over: value)
        var seen: Set<Members.Key> = []
        return try lazy(over: value) { () throws(TemplateError) in
            while let element = try elements.next() {
                try self.charge(1)
                let key = try self.sortKey(element, path, isCaseSensitive: isCaseSensitive)
                if seen.insert(try self.key(key)).inserted { return element }
            }
            return nil
        }
    }

    private func extreme(_ value: Value, _ arguments: Arguments, isMaximum: Bool) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["case_sensitive", "attribute"], of: isMaximum ? "max" : "min", self)
        let path = try attributePath(values[1] ?? .none) ?? []
        var best: (element: Value, key: Value)?
        for element in try array(of: value) {
            let key = try sortKey(element, path, isCaseSensitive: values[0]?.isTrue ?? false)
            if let current = best {
                let isBetter =
                    isMaximum
                    ? try compare(key, .greater, current.key) : try compare(key, .less, current.key)
                if isBetter { best = (element, key) }
            } else {
                best = (element, key)
            }
        }
        return best?.element ?? undefined(.hint("No aggregated item, sequence was empty."))
    }

    private func grouped(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let names = ["attribute", "default", "case_sensitive"]
        let values = try arguments.bound(to: names, required: 1, of: "groupby", self)
        let path = try attributePath(values[0] ?? .none) ?? []
        let standard = values[1].flatMap { $0.isNone ? nil : $0 }
        let isCaseSensitive = values[2]?.isTrue ?? false
        let elements = try array(of: value)
        let keys = try elements.map { element throws(TemplateError) in
            try sortKey(element, path, isCaseSensitive: isCaseSensitive, standard: standard)
        }
        var groups: [(key: Value, elements: [Value])] = []
        for place in try sorted(keys, isDescending: false) {
            if let last = groups.last, try equal(last.key, keys[place]) {
                groups[groups.count - 1].elements.append(elements[place])
            } else {
                groups.append((keys[place], [elements[place]]))
            }
        }
        return try list(
            try groups.map { group throws(TemplateError) in
                let key = try follow(path, from: group.elements[0], standard: standard)
                return .tuple(try self.elements([key, try list(group.elements)], isGroup: true))
            }
        )
    }

    private func batched(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["linecount", "fill_with"], required: 1, of: "batch", self)
        let count = try integerArgument(values[0] ?? .none)
        let fill = values[1] ?? .none
        try checkLength(Swift.max(0, count))
        let elements = try iterator(over: value)
        var ahead: Value?
        return try lazy(over: try tuple([value, fill])) { () throws(TemplateError) in
            var batch: [Value] = []
            if let first = ahead { batch.append(first) }
            ahead = nil
            while let element = try elements.next() {
                if batch.count == count {
                    ahead = element
                    return try self.list(batch)
                }
                batch.append(element)
            }
            if batch.isEmpty { return nil }
            if !fill.isNone, batch.count < count {
                try self.charge(count)
                batch += Array(repeating: fill, count: count - batch.count)
            }
            return try self.list(batch)
        }
    }

    private func sliced(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["slices", "fill_with"], required: 1, of: "slice", self)
        let slices = try integerArgument(values[0] ?? .none)
        let elements = try array(of: value)
        guard slices != 0 else { throw failure("integer division or modulo by zero") }
        guard slices > 0 else { return try lazy(over: value) { () throws(TemplateError) in nil } }
        let (size, extra) = elements.count.quotientAndRemainder(dividingBy: slices)
        let fill = values[1] ?? .none
        var number = 0
        return try lazy(over: try tuple([value, fill])) { () throws(TemplateError) in
            guard number < slices else { return nil }
            let start = number * size + Swift.min(number, extra)
            var slice = Array(elements[start..<start + size + (number < extra ? 1 : 0)])
            if !fill.isNone, number >= extra { slice.append(fill) }
            number += 1
            return try self.list(slice)
        }
    }

    // MARK: Lazy filters

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
            if let other { throw failure("Unexpected keyword argument '\(other.name)'") }
            let path = try attributePath(arguments.keywords.first { $0.name == "attribute" }?.value ?? .none) ?? []
            let standard = arguments.keywords.first { $0.name == "default" }.flatMap {
                $0.value.isNone ? nil : $0.value
            }
            return { element throws(TemplateError) in try self.follow(path, from: element, standard: standard) }
        }
        guard let first = arguments.positional.first else { throw failure("map requires a filter argument") }
        let name = try string(first).string
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
        let name = try string(rest.removeFirst()).string
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
