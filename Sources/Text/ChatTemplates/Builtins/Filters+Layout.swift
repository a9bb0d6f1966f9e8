extension Interpreter {
    /// `truncate`.
    func truncated(_ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["length", "killwords", "end", "leeway"], of: "truncate", self)
        let length = try values[0].map { value throws(TemplateError) in try integerArgument(value) } ?? 255
        let end =
            try values[2].map { value throws(TemplateError) in try textArgument(value, "truncate") } ?? Text("...")
        let leeway =
            try values[3].flatMap { value throws(TemplateError) in
                value.isNone ? nil : try integerArgument(value)
            } ?? 5
        guard length >= end.count else { throw failure("expected length >= \(end.count), got \(length)") }
        guard leeway >= 0 else { throw failure("expected leeway >= 0, got \(leeway)") }
        let count = text.count
        if count - leeway <= length { return .string(text) }
        let cut = text.slice(0..<length - end.count)
        if values[1]?.isTrue == true { return try self.text(cut + end.bytes) }
        return try self.text(cut[..<(cut.lastIndex(of: 0x20) ?? cut.count)] + end.bytes)
    }

    /// `indent`.
    func indented(_ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["width", "first", "blank"], of: "indent", self)
        let indention: [UInt8]
        if case .string(let given) = values[0] {
            indention = given.bytes
        } else {
            let width = try values[0].map { value throws(TemplateError) in try integerArgument(value) } ?? 4
            indention = try filling([0x20], count: width)
        }
        var bytes: [UInt8] = values[1]?.isTrue == true ? indention : []
        var isFirst = true
        try StringTools.eachLine(text.bytes + [0x0A]) { line throws(TemplateError) in
            let isIndented = !isFirst && (values[2]?.isTrue == true || !line.isEmpty)
            try charge(bytes: line.count + (isIndented ? indention.count : 0))
            if !isFirst { bytes.append(0x0A) }
            if isIndented { bytes += indention }
            bytes += line
            try checkLength(bytes.count)
            isFirst = false
        }
        return try self.text(bytes, isMarkup: text.isMarkup)
    }

    /// `wordwrap`.
    func wrapped(_ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
        let names = ["width", "break_long_words", "wrapstring", "break_on_hyphens"]
        let values = try arguments.bound(to: names, of: "wordwrap", self)
        let width = try values[0].map { value throws(TemplateError) in try integerArgument(value) } ?? 79
        guard width > 0 else { throw failure("invalid width \(width) (must be > 0)") }
        let wrap = WordWrap(
            width: width,
            breaksLongWords: values[1]?.isTrue ?? true,
            breaksOnHyphens: values[3]?.isTrue ?? true
        )
        let separator =
            try values[2].flatMap { value throws(TemplateError) in
                value.isNone ? nil : try textArgument(value, "wordwrap")
            } ?? Text("\n")
        var bytes: [UInt8] = []
        var isFirst = true
        try StringTools.eachLine(text.bytes) { line throws(TemplateError) in
            if !isFirst { bytes += separator.bytes }
            isFirst = false
            try reserve(line.count, of: 8)
            let paragraph = Array(UTF8Text.Scalars(Array(line)))
            var isFirstPart = true
            try wrap.eachLine(of: paragraph, self) { part throws(TemplateError) in
                if !isFirstPart { bytes += separator.bytes }
                isFirstPart = false
                bytes += UTF8Text.bytes(paragraph[part])
                try charge(bytes: part.count + separator.bytes.count)
                try checkLength(bytes.count)
            }
            try charge(bytes: separator.bytes.count)
            try checkLength(bytes.count)
        }
        return try self.text(bytes)
    }

    /// `xmlattr`.
    func xmlAttributes(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let spaced = try arguments.bound(to: ["autospace"], of: "xmlattr", self)[0]?.isTrue ?? true
        guard case .dictionary(let members) = value else {
            throw failure("'\(value.typeName)' object has no attribute 'items'")
        }
        var items = Collector(self)
        for (key, member) in zip(members.keys, members.values) where !member.isNone && !member.isUndefined {
            let name = try string(key)
            if name.bytes.contains(where: { $0 == 0x20 || (0x09...0x0D).contains($0) || "/>=".utf8.contains($0) }) {
                throw failure("Invalid character in attribute name: \(try shown(key))")
            }
            let quote = UInt8(ascii: "\"")
            let value = try escaped(try string(member)).bytes
            try items.append(try escaped(name).bytes + [UInt8(ascii: "="), quote] + value + [quote])
        }
        let joined = try join(items.values, separator: Text(" "), isStrict: true)
        guard spaced, case .string(let text) = joined, !text.isEmpty else { return joined }
        return try self.text([0x20] + text.bytes)
    }

    /// `urlencode`.
    func urlEncoded(_ value: Value) throws(TemplateError) -> Value {
        if !ValueKind.isIterable(value) || value.typeName == "str" {
            return try text(try percentEncoded(try string(value).bytes, isQuery: false))
        }
        var pairs = Collector(self)
        var source = value
        if case .dictionary(let members) = value { source = .view(MembersView(members, .items)) }
        for pair in try array(of: source) {
            let parts = try array(of: pair)
            guard parts.count == 2 else {
                throw failure("not enough values to unpack (expected 2, got \(parts.count))")
            }
            let key = try percentEncoded(try string(parts[0]).bytes, isQuery: true)
            let value = try percentEncoded(try string(parts[1]).bytes, isQuery: true)
            try pairs.append(key + [UInt8(ascii: "=")] + value)
        }
        return try join(pairs.values, separator: Text("&"), isStrict: true)
    }

    private func percentEncoded(_ text: [UInt8], isQuery: Bool) throws(TemplateError) -> [UInt8] {
        try charge(bytes: text.count)
        try reserve(text.count, of: 3)
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: "/") where !isQuery: bytes.append(byte)
            case 0x20 where isQuery: bytes.append(UInt8(ascii: "+"))
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
        try checkLength(bytes.count)
        return bytes
    }
}
