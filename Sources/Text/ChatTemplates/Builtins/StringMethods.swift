/// The methods of texts.
enum StringMethod: String, Sendable, CaseIterable {
    case capitalize, casefold, center, count, encode, endswith, expandtabs, find, format
    case formatMap = "format_map"
    case index, isalnum, isalpha, isascii, isdecimal, isdigit, isidentifier, islower, isnumeric, isprintable, isspace
    case istitle, isupper, join, ljust, lower, lstrip, maketrans, partition, removeprefix, removesuffix, replace, rfind
    case rindex, rjust, rpartition, rsplit, rstrip, split, splitlines, startswith, strip, swapcase, title, translate
    case upper, zfill
}

extension Interpreter {
    /// What a method of a text gives.
    func call(_ method: StringMethod, on text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
        try charge(bytes: text.bytes.count)
        for argument in arguments.positional {
            if case .string(let other) = argument { try charge(bytes: other.bytes.count) }
        }
        switch method {
        case .capitalize, .casefold, .lower, .upper, .title, .swapcase:
            _ = try arguments.bound(to: [], of: method.rawValue, self)
            return try self.text(try changedCase(text.bytes, method), isMarkup: text.isMarkup)
        case .isalnum, .isalpha, .isascii, .isdecimal, .isdigit, .isidentifier, .islower, .isnumeric, .isprintable,
            .isspace, .istitle, .isupper:
            _ = try arguments.bound(to: [], of: method.rawValue, self)
            return .bool(try CharacterClass.all(of: text, are: method, self))
        case .split, .rsplit, .splitlines, .partition, .rpartition: return try cut(text, method, arguments)
        case .find, .rfind, .index, .rindex, .count, .startswith, .endswith: return try search(text, method, arguments)
        case .strip, .lstrip, .rstrip, .removeprefix, .removesuffix: return try strip(text, method, arguments)
        case .center, .ljust, .rjust, .zfill, .expandtabs: return try pad(text, method, arguments)
        case .join:
            let values = try arguments.bound(to: ["iterable"], required: 1, of: "join", self)
            return try join(try array(of: values[0] ?? .none), separator: text, isStrict: true)
        case .replace:
            let values = try arguments.bound(to: ["old", "new", "count"], required: 2, of: "replace", self)
            let (old, new) = (try textArgument(values[0], "replace"), try textArgument(values[1], "replace"))
            return try replaced(
                text,
                old,
                by: new,
                limit: try values[2].map { count throws(TemplateError) in
                    try integerArgument(count)
                }
            )
        case .format: return try braceFormat(text, arguments)
        case .formatMap:
            let values = try arguments.bound(to: ["mapping"], required: 1, of: "format_map", self)
            guard case .dictionary(let members) = values[0] else { throw failure("format_map() needs a mapping") }
            try reserve(members.count, of: Members.memberWeight)
            var mapped = Arguments()
            for (key, value) in zip(members.keys, members.values) {
                guard case .string(let name) = key else { continue }
                try charge(bytes: name.bytes.count)
                mapped.keywords.append((name.string, value))
            }
            return try braceFormat(text, mapped)
        case .encode, .maketrans, .translate:
            throw failure("the string method '\(method.rawValue)' isn't supported")
        }
    }

    private func changedCase(_ text: [UInt8], _ method: StringMethod) throws(TemplateError) -> [UInt8] {
        switch method {
        case .capitalize: try LetterCase.capitalized(text, self)
        case .casefold: try LetterCase.folded(text, self)
        case .lower: try LetterCase.lower(text, self)
        case .upper: try LetterCase.upper(text, self)
        case .title: try LetterCase.titled(text, self)
        default: try LetterCase.swapped(text, self)
        }
    }

    /// A text argument.
    func textArgument(_ value: Value?, _ function: String) throws(TemplateError) -> Text {
        if case .string(let text) = value { return text }
        throw failure("\(function)() argument must be str, not \(value?.typeName ?? "nothing")")
    }

    /// An integer argument.
    func integerArgument(_ value: Value) throws(TemplateError) -> Int {
        if let integer = value.asInteger { return integer }
        if case .undefined(let undefined) = value { throw failure(undefined.message) }
        throw failure("'\(value.typeName)' object cannot be interpreted as an integer")
    }

    private func cut(_ text: Text, _ method: StringMethod, _ arguments: Arguments) throws(TemplateError) -> Value {
        let name = method.rawValue
        switch method {
        case .splitlines:
            let values = try arguments.bound(to: ["keepends"], of: name, self)
            var lines = Collector(self)
            try StringTools.eachLine(text.bytes, keepingEnds: values[0]?.isTrue == true) {
                line throws(TemplateError) in
                try lines.append(line)
            }
            return try list(lines.values)
        case .partition, .rpartition:
            let separator = try textArgument(try arguments.bound(to: ["sep"], required: 1, of: name, self)[0], name)
            guard !separator.isEmpty else { throw failure("empty separator") }
            let isFirst = method == .partition
            try reserve(separator.bytes.count, of: 8)
            let found =
                isFirst
                ? text.bytes.firstRange(of: separator.bytes) : text.bytes.lastRange(of: separator.bytes)
            guard let found else {
                let parts: [Value] =
                    isFirst
                    ? [.string(text), .text(""), .text("")] : [.text(""), .text(""), .string(text)]
                return try tuple(parts)
            }
            let before = made(Array(text.bytes[..<found.lowerBound]))
            return try tuple([before, .string(separator), made(Array(text.bytes[found.upperBound...]))])
        default:
            let values = try arguments.bound(to: ["sep", "maxsplit"], of: name, self)
            let most = try values[1].map { value throws(TemplateError) in try integerArgument(value) } ?? -1
            let limit = most < 0 ? nil : most
            if let separator = values[0], !separator.isNone {
                let separator = try textArgument(separator, name)
                guard !separator.isEmpty else { throw failure("empty separator") }
                try reserve(separator.bytes.count, of: 8)
                let (bytes, isBackward) = (separator.bytes, method == .rsplit)
                return try list(StringTools.split(text.bytes, by: bytes, limit: limit, fromEnd: isBackward, self))
            }
            return try list(StringTools.splitWhitespace(text.bytes, limit: limit, fromEnd: method == .rsplit, self))
        }
    }

    private func search(_ text: Text, _ method: StringMethod, _ arguments: Arguments) throws(TemplateError) -> Value {
        let name = method.rawValue
        let values = try arguments.bound(to: ["sub", "start", "end"], required: 1, of: name, self)
        var text = text
        var offset = 0
        if values[1] != nil || values[2] != nil {
            let start = try values[1].flatMap { value throws(TemplateError) in
                value.isNone ? nil : try integerArgument(value)
            }
            let end = try values[2].flatMap { value throws(TemplateError) in
                value.isNone ? nil : try integerArgument(value)
            }
            let length = text.count
            let isBeyond = (start ?? 0) > length
            guard let places = SlicePlaces(start: start, stop: end, step: 1, length) else { return .none }
            offset = places.start
            text = Text(bytes: text.slice(places.start..<places.start + places.count), memory)
            if isBeyond { return try notFound(method) }
        }
        if method == .startswith || method == .endswith {
            var parts = [values[0] ?? .none]
            if case .tuple(let elements) = parts[0] { parts = elements.values }
            for part in parts {
                let part = try textArgument(part, name).bytes
                try charge(bytes: part.count)
                let matches =
                    method == .startswith
                    ? text.bytes.starts(with: part) : text.bytes.suffix(part.count).elementsEqual(part)
                if matches, part.count <= text.bytes.count { return .bool(true) }
            }
            return .bool(false)
        }
        let part = try textArgument(values[0], name).bytes
        try charge(bytes: text.bytes.count)
        try reserve(part.count, of: 8)
        if method == .count { return .integer(try StringTools.count(part, in: text.bytes, self)) }
        let isFirst = method == .find || method == .index
        guard let found = isFirst ? text.bytes.firstRange(of: part) : text.bytes.lastRange(of: part) else {
            return try notFound(method)
        }
        return .integer(offset + UTF8Text.count(text.bytes[..<found.lowerBound]))
    }

    private func notFound(_ method: StringMethod) throws(TemplateError) -> Value {
        switch method {
        case .index, .rindex: throw failure("substring not found")
        case .count: return .integer(0)
        case .startswith, .endswith: return .bool(false)
        default: return .integer(-1)
        }
    }

    private func strip(_ text: Text, _ method: StringMethod, _ arguments: Arguments) throws(TemplateError) -> Value {
        let name = method.rawValue
        if method == .removeprefix || method == .removesuffix {
            let part = try textArgument(try arguments.bound(to: ["part"], required: 1, of: name, self)[0], name).bytes
            if method == .removeprefix, text.bytes.starts(with: part) {
                return try self.text(Array(text.bytes.dropFirst(part.count)), isMarkup: text.isMarkup)
            }
            if method == .removesuffix, part.count <= text.bytes.count,
                text.bytes.suffix(part.count).elementsEqual(part)
            {
                return try self.text(Array(text.bytes.dropLast(part.count)), isMarkup: text.isMarkup)
            }
            return .string(text)
        }
        let value = try arguments.bound(to: ["chars"], of: name, self)[0] ?? .none
        let characters = value.isNone ? nil : try textArgument(value, name).bytes
        // A set of code points takes about as many steps to make as it has bytes.
        try charge(characters?.count ?? 0)
        try reserve(characters?.count ?? 0, of: 16)
        let bytes = StringTools.stripped(
            text.bytes,
            of: characters,
            start: method != .rstrip,
            end: method != .lstrip
        )
        return try self.text(bytes, isMarkup: text.isMarkup)
    }

    private func pad(_ text: Text, _ method: StringMethod, _ arguments: Arguments) throws(TemplateError) -> Value {
        let name = method.rawValue
        if method == .expandtabs {
            let values = try arguments.bound(to: ["tabsize"], of: name, self)
            return try expandTabs(
                text,
                try values[0].map { value throws(TemplateError) in
                    try integerArgument(value)
                } ?? 8
            )
        }
        let values = try arguments.bound(to: ["width", "fillchar"], required: 1, of: name, self)
        let width = try integerArgument(values[0] ?? .none)
        let fill = try values[1].map { value throws(TemplateError) in try textArgument(value, name) } ?? Text(" ")
        guard fill.count == 1 else { throw failure("The fill character must be exactly one character long") }
        let count = text.count
        guard width > count else { return .string(text) }
        let missing = width - count
        switch method {
        case .ljust: return try self.text(text.bytes + filling(fill.bytes, count: missing))
        case .rjust: return try self.text(filling(fill.bytes, count: missing) + text.bytes)
        case .center:
            let left = missing / 2 + (missing & width & 1)
            let (before, behind) = (
                try filling(fill.bytes, count: left), try filling(fill.bytes, count: missing - left)
            )
            return try self.text(before + text.bytes + behind)
        default:
            let hasSign = text.bytes.first == UInt8(ascii: "-") || text.bytes.first == UInt8(ascii: "+")
            let zeros = try filling([UInt8(ascii: "0")], count: missing)
            return try self.text((hasSign ? [text.bytes[0]] : []) + zeros + text.bytes.dropFirst(hasSign ? 1 : 0))
        }
    }

    private func expandTabs(_ text: Text, _ size: Int) throws(TemplateError) -> Value {
        try checkLength(max(0, size))
        var bytes: [UInt8] = []
        var column = 0
        for byte in text.bytes {
            switch byte {
            case 0x09:
                guard size > 0 else { continue }
                let count = size - column % size
                try checkLength(bytes.count + count)
                bytes += try filling([0x20], count: count)
                column += count
            case 0x0A, 0x0D:
                bytes.append(byte)
                column = 0
            default:
                bytes.append(byte)
                if byte & 0xC0 != 0x80 { column += 1 }
            }
        }
        return try self.text(bytes)
    }

    /// The text with a part replaced; the length is checked before the text is made.
    func replaced(_ text: Text, _ old: Text, by new: Text, limit: Int?) throws(TemplateError) -> Value {
        let limit = limit.flatMap { $0 < 0 ? nil : $0 }
        try charge(bytes: text.bytes.count)
        try reserve(old.bytes.count, of: 8)
        let count = min(try StringTools.count(old.bytes, in: text.bytes, self), limit ?? .max)
        try checkLength(text.bytes.count - count * old.bytes.count)
        let (added, overflow) = count.multipliedReportingOverflow(by: new.bytes.count)
        try checkLength(overflow ? .max : added)
        let bytes = try StringTools.replacing(old.bytes, by: new.bytes, in: text.bytes, limit: limit, self)
        return try self.text(bytes, isMarkup: text.isMarkup)
    }

    /// Texts with a separator between them.
    ///
    /// - Throws: `TemplateError` for elements that aren't texts when `isStrict`; otherwise they become texts.
    func join(_ values: [Value], separator: Text, isStrict: Bool) throws(TemplateError) -> Value {
        var bytes: [UInt8] = []
        for (index, value) in values.enumerated() {
            if index > 0 { bytes += separator.bytes }
            if isStrict {
                guard case .string = value else {
                    throw failure("sequence item \(index): expected str instance, \(value.typeName) found")
                }
            }
            try charge(bytes: separator.bytes.count)
            try Representation.appendText(of: value, to: &bytes, self)
        }
        return try text(bytes)
    }
}
