/// Jinja's filters: what may stand after `|`.
enum Filter: String, Sendable, CaseIterable {
    case abs, attr, batch, capitalize, center, count, d, `default`, dictsort, e, escape, filesizeformat, first, float
    case forceescape, format
    case fromJSON = "from_json"
    case groupby, indent, int, items, join, last, length, list, lower, map, max, min, pprint
    case random, reject, rejectattr, replace, reverse, round, safe, select, selectattr, slice, sort, string, striptags
    case sum, title, tojson, trim, truncate, unique, upper, urlencode, urlize, wordcount, wordwrap, xmlattr
}

extension Interpreter {
    /// What a filter makes of a value.
    func apply(_ filter: Filter, to value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch filter {
        case .tojson: return try toJSON(value, arguments)
        case .fromJSON: return try fromJSON(value, arguments)
        case .default, .d:
            let values = try arguments.bound(to: ["default_value", "boolean"], of: "default", self)
            let isMissing = value.isUndefined || values[1]?.isTrue == true && !value.isTrue
            return isMissing ? values[0] ?? .text("") : value
        case .abs, .float, .int, .round, .filesizeformat, .sum: return try applyNumeric(filter, to: value, arguments)
        case .batch, .dictsort, .first, .groupby, .items, .last, .list, .max, .min, .random, .reverse, .slice, .sort,
            .unique:
            return try applySequence(filter, to: value, arguments)
        case .map, .select, .selectattr, .reject, .rejectattr: return try applyLazy(filter, to: value, arguments)
        case .count, .length:
            _ = try arguments.bound(to: [], of: "len", self)
            return .integer(try count(of: value))
        case .attr:
            let name = try arguments.bound(to: ["name"], required: 1, of: "attr", self)[0] ?? .none
            // Unlike a dot the filter sees no items.
            return try attribute(named: try textArgument(name, "attr"), of: value, isItem: true)
        case .urlize, .pprint: return try applyRare(filter, to: value, arguments)
        default: return try applyText(filter, to: value, arguments)
        }
    }

    private func applyRare(_ filter: Filter, to value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        guard filter == .pprint else { throw failure("the filter 'urlize' isn't supported: a prompt isn't HTML") }
        // Equal to pprint for what fits one line of 80 columns; longer values stay on one line too.
        return try text(try representation(try withSortedKeys(value)))
    }

    /// The value with the keys of its dictionaries in order.
    private func withSortedKeys(_ value: Value) throws(TemplateError) -> Value {
        try charge(1)
        switch value {
        case .list(let elements):
            return try list(elements.values.map { value throws(TemplateError) in try withSortedKeys(value) })
        case .tuple(let elements):
            return try tuple(elements.values.map { value throws(TemplateError) in try withSortedKeys(value) })
        case .dictionary(let members):
            let ordered = Members(memory)
            for place in try sorted(members.keys, isDescending: false) {
                let member = try withSortedKeys(members.values[place])
                ordered.set(members.keys[place], hash: members.hash(at: place), to: member)
            }
            return try dictionary(ordered)
        default: return value
        }
    }

    private func applyText(_ filter: Filter, to value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch filter {
        case .xmlattr: return try xmlAttributes(value, arguments)
        case .urlencode: return try urlEncoded(value)
        case .join:
            let values = try arguments.bound(to: ["d", "attribute"], of: "join", self)
            var elements = try array(of: value)
            if let path = try values[1].flatMap({ path throws(TemplateError) in try attributePath(path) }) {
                var followed = Collector(self)
                for element in elements { try followed.append(try follow(path, from: element)) }
                elements = followed.values
            }
            return try join(elements, separator: try string(values[0] ?? .text("")), isStrict: false)
        default: break
        }
        // These want a text and complain about other things where `str()` would do for the rest.
        if filter == .truncate || filter == .wordwrap || filter == .indent {
            guard case .string(let text) = value else {
                if case .undefined(let undefined) = value, filter != .truncate { throw failure(undefined.message) }
                if value.isUndefined { return value }
                throw failure("'\(value.typeName)' object isn't a text, which \(filter.rawValue) needs")
            }
            try charge(bytes: text.bytes.count)
            switch filter {
            case .truncate: return try truncated(text, arguments)
            case .wordwrap: return try wrapped(text, arguments)
            default: return try indented(text, arguments)
            }
        }
        let text = try string(value)
        try charge(bytes: text.bytes.count)
        switch filter {
        case .string: return .string(text)
        case .safe: return .string(text.markup)
        case .escape, .e: return .string(try escaped(text))
        case .forceescape: return .string(try escaped(text, always: true))
        case .striptags:
            // A dozen steps read the whole text.
            try charge(text.bytes.count)
            return try self.text(try HTML.withoutTags(text.bytes, self))
        case .upper: return try call(.upper, on: text, arguments)
        case .lower: return try call(.lower, on: text, arguments)
        case .capitalize: return try call(.capitalize, on: text, arguments)
        case .title: return try self.text(try titled(text))
        case .center:
            let width = try arguments.bound(to: ["width"], of: "center", self)[0] ?? .integer(80)
            return try call(.center, on: text, Arguments(positional: [width]))
        case .trim:
            let characters = try arguments.bound(to: ["chars"], of: "trim", self)[0] ?? .none
            return try call(.strip, on: text, Arguments(positional: [characters]))
        case .replace:
            let values = try arguments.bound(to: ["old", "new", "count"], required: 2, of: "replace", self)
            let (old, new) = (try string(values[0] ?? .none), try string(values[1] ?? .none))
            let limit = try values[2].flatMap { limit throws(TemplateError) in
                limit.isNone ? nil : try integerArgument(limit)
            }
            return try replaced(text, old, by: new, limit: limit)
        case .format:
            if arguments.keywords.isEmpty { return try percentFormat(text, try tuple(arguments.positional)) }
            guard arguments.positional.isEmpty else {
                throw failure("can't handle positional and keyword arguments at the same time")
            }
            let members = Members(memory)
            for (name, value) in arguments.keywords { members.set(Text(name), to: value) }
            return try percentFormat(text, try dictionary(members))
        default: return .integer(try wordCount(text))
        }
    }

    private func wordCount(_ text: Text) throws(TemplateError) -> Int {
        var count = 0
        var isInWord = false
        for scalar in text.scalars {
            try charge(1)
            let isWord = CharacterClass.isWord(scalar)
            if isWord, !isInWord { count += 1 }
            isInWord = isWord
        }
        return count
    }

    /// Words, which begin after blanks, hyphens and opening brackets, with capitals.
    private func titled(_ text: Text) throws(TemplateError) -> [UInt8] {
        var bytes: [UInt8] = []
        var first: [UInt8] = []
        var others: [UInt8] = []
        func finished() throws(TemplateError) -> [UInt8] {
            defer {
                first = []
                others = []
            }
            return try LetterCase.upper(first, self) + LetterCase.lower(others, self)
        }
        for scalar in text.scalars {
            try charge(1)
            let isBreak =
                Whitespace.contains(scalar)
                || scalar < 0x80 && "-({[<".utf8.contains(UInt8(truncatingIfNeeded: scalar))
            if isBreak {
                if !first.isEmpty { bytes += try finished() }
                UTF8Text.append(scalar, to: &bytes)
            } else if first.isEmpty {
                UTF8Text.append(scalar, to: &first)
            } else {
                UTF8Text.append(scalar, to: &others)
            }
        }
        return bytes + (try finished())
    }

    // MARK: Attribute paths

    /// The steps of `attribute="a.b.0"`; `nil` for none.
    func attributePath(_ value: Value) throws(TemplateError) -> [Value]? {
        switch value {
        case .none: return nil
        case .string(let text):
            try charge(text.bytes.count)
            return try StringTools.split(text.bytes, by: [UInt8(ascii: ".")], limit: nil, fromEnd: false, self)
                .map { part in
                    guard case .string(let name) = part, name.bytes.count <= 20, !name.isEmpty,
                        name.bytes.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
                    else { return part }
                    return Int(name.string).map { .integer($0) } ?? part
                }
        default: return [value]
        }
    }

    /// What a path leads to; `standard` replaces what isn't there.
    func follow(_ path: [Value], from value: Value, standard: Value? = nil) throws(TemplateError) -> Value {
        var value = value
        for step in path {
            value = try item(step, of: value)
            if value.isUndefined, let standard { value = standard }
        }
        return value
    }

    /// A text in lower case, for comparing without case; other values as they are.
    func ignoringCase(_ value: Value) throws(TemplateError) -> Value {
        guard case .string(let text) = value else { return value }
        try charge(bytes: text.bytes.count)
        return made(try LetterCase.lower(text.bytes, self))
    }
}
