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
            let pairs = ValueIterator(members, self)
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
            return made(reversed(text.bytes))
        case .lazy: return try list(try array(of: value).reversed())
        default:
            guard ValueKind.isIterable(value) else { throw failure("argument must be iterable") }
            let all = try array(of: value)
            try charge(all.count)
            try reserve(all.count, of: 16)
            let elements = ValueIterator(all.reversed(), self)
            return try lazy("\(value.typeName)_reverseiterator", over: value) { () throws(TemplateError) in
                try elements.next()
            }
        }
    }

    /// The code points in reverse order.
    private func reversed(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var end = text.count
        while end > 0 {
            let start = UTF8Text.start(in: text, before: end)
            bytes += text[start..<end]
            end = start
        }
        return bytes
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
        if values[0]?.isTrue != true {
            var folded = Collector(self)
            for key in keys { try folded.append(try ignoringCase(key)) }
            keys = folded.values
        }
        let order = try sorted(keys, isDescending: values[2]?.isTrue == true)
        var pairs = Collector(self)
        for place in order { try pairs.append(try tuple([members.keys[place], members.values[place]])) }
        return try list(pairs.values)
    }

    private func sortedValues(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["reverse", "case_sensitive", "attribute"], of: "sort", self)
        var paths: [[Value]] = [[]]
        if case .string(let text) = values[2] {
            try charge(text.bytes.count)
            paths = try StringTools.split(text.bytes, by: [UInt8(ascii: ",")], limit: nil, fromEnd: false, self)
                .map { part throws(TemplateError) in try attributePath(part) ?? [] }
        } else if let path = try values[2].flatMap({ path throws(TemplateError) in try attributePath(path) }) {
            paths = [path]
        }
        let elements = try array(of: value)
        var keys = Collector(self)
        for element in elements {
            var parts = Collector(self)
            for path in paths {
                let part = try follow(path, from: element)
                try parts.append(values[1]?.isTrue == true ? part : try ignoringCase(part))
            }
            try keys.append(try list(parts.values))
        }
        let order = try sorted(keys.values, isDescending: values[0]?.isTrue == true)
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
        // The keys count as long as the sequence may still be read.
        let seen = Members(memory)
        return try lazy(over: value) { () throws(TemplateError) in
            while let element = try elements.next() {
                try self.charge(1)
                let key = try self.sortKey(element, path, isCaseSensitive: isCaseSensitive)
                let hash = try self.key(key)
                guard seen.place(of: hash) == nil else { continue }
                seen.set(key, hash: hash, to: .none)
                return element
            }
            return nil
        }
    }

    private func extreme(_ value: Value, _ arguments: Arguments, isMaximum: Bool) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["case_sensitive", "attribute"], of: isMaximum ? "max" : "min", self)
        let path = try attributePath(values[1] ?? .none) ?? []
        var best: (element: Value, key: Value)?
        for element in try array(of: value) {
            try charge(1)
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
        var keys = Collector(self)
        for element in elements {
            try keys.append(try sortKey(element, path, isCaseSensitive: isCaseSensitive, standard: standard))
        }
        let order = try sorted(keys.values, isDescending: false)
        var groups = Collector(self)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, try equal(keys.values[order[start]], keys.values[order[end]]) { end += 1 }
            let key = try follow(path, from: elements[order[start]], standard: standard)
            let group = try list(order[start..<end].map { elements[$0] })
            try groups.append(.tuple(try self.elements([key, group], isGroup: true)))
            start = end
        }
        return try list(groups.values)
    }

    private func batched(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["linecount", "fill_with"], required: 1, of: "batch", self)
        let count = try integerArgument(values[0] ?? .none)
        let fill = values[1] ?? .none
        try reserve(Swift.max(0, count), of: fill.isNone ? 0 : 32)
        let elements = try iterator(over: value)
        var ahead: Value?
        return try lazy(over: try tuple([value, fill])) { () throws(TemplateError) in
            var batch = Collector(self)
            if let first = ahead { try batch.append(first) }
            ahead = nil
            while let element = try elements.next() {
                try self.charge(1)
                if batch.values.count == count {
                    ahead = element
                    return try self.list(batch.values)
                }
                try batch.append(element)
            }
            if batch.values.isEmpty { return nil }
            guard !fill.isNone, batch.values.count < count else { return try self.list(batch.values) }
            try self.charge(count)
            try self.reserve(count, of: fill.weight)
            return try self.list(batch.values + repeatElement(fill, count: count - batch.values.count))
        }
    }

    /// Bytes that a list takes without elements.
    private static let emptyListWeight = 128

    private func sliced(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["slices", "fill_with"], required: 1, of: "slice", self)
        let slices = try integerArgument(values[0] ?? .none)
        let elements = try array(of: value)
        guard slices != 0 else { throw failure("integer division or modulo by zero") }
        guard slices > 0 else { return try lazy(over: value) { () throws(TemplateError) in nil } }
        try reserve(slices, of: Self.emptyListWeight)
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
}
