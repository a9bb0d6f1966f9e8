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
        if values[1]?.isTrue == true { return try self.text(cut.bytes + end.bytes) }
        let words = StringTools.split(cut.bytes, by: [0x20], limit: 1, fromEnd: true)
        return try self.text(words[0] + end.bytes)
    }

    /// `indent`.
    func indented(_ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
        let values = try arguments.bound(to: ["width", "first", "blank"], of: "indent", self)
        let indention: [UInt8]
        if case .string(let given) = values[0] {
            indention = given.bytes
        } else {
            let width = try values[0].map { value throws(TemplateError) in try integerArgument(value) } ?? 4
            try checkLength(max(0, width))
            indention = Array(repeating: 0x20, count: max(0, width))
        }
        let lines = StringTools.lines(text.bytes + [0x0A])
        let (added, overflow) = indention.count.multipliedReportingOverflow(by: lines.count)
        try checkLength(overflow ? .max : added)
        var bytes: [UInt8] = values[1]?.isTrue == true ? indention : []
        for (index, line) in lines.enumerated() {
            if index > 0 {
                bytes.append(0x0A)
                if values[2]?.isTrue == true || !line.isEmpty { bytes += indention }
            }
            bytes += line
        }
        if values[2]?.isTrue == true, lines.isEmpty { bytes += indention }
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
        var lines: [Value] = []
        for line in StringTools.lines(text.bytes) {
            let wrapped = wrap.lines(of: UTF8Text.scalars(line)).map { Value.text(UTF8Text.bytes($0)) }
            lines.append(try join(wrapped, separator: separator, isStrict: true))
        }
        return try join(lines, separator: separator, isStrict: true)
    }

    /// `xmlattr`.
    func xmlAttributes(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let spaced = try arguments.bound(to: ["autospace"], of: "xmlattr", self)[0]?.isTrue ?? true
        guard case .dictionary(let members) = value else {
            throw failure("'\(value.typeName)' object has no attribute 'items'")
        }
        var items: [Value] = []
        for (key, member) in zip(members.keys, members.values) where !member.isNone && !member.isUndefined {
            let name = try string(key)
            if name.bytes.contains(where: { $0 == 0x20 || (0x09...0x0D).contains($0) || "/>=".utf8.contains($0) }) {
                throw failure("Invalid character in attribute name: \(try representation(key))")
            }
            let quote = UInt8(ascii: "\"")
            let escaped = HTML.escaped(try string(member)).bytes
            items.append(.text(HTML.escaped(name).bytes + [UInt8(ascii: "="), quote] + escaped + [quote]))
        }
        let joined = try join(items, separator: Text(" "), isStrict: true)
        guard spaced, case .string(let text) = joined, !text.isEmpty else { return joined }
        return try self.text([0x20] + text.bytes)
    }

    /// `urlencode`.
    func urlEncoded(_ value: Value) throws(TemplateError) -> Value {
        if !ValueKind.isIterable(value) || value.typeName == "str" {
            return try text(percentEncoded(try string(value).bytes, isQuery: false))
        }
        var pairs: [Value] = []
        var source = value
        if case .dictionary(let members) = value { source = .view(MembersView(members, .items)) }
        for pair in try array(of: source) {
            let parts = try array(of: pair)
            guard parts.count == 2 else {
                throw failure("not enough values to unpack (expected 2, got \(parts.count))")
            }
            let key = percentEncoded(try string(parts[0]).bytes, isQuery: true)
            pairs.append(.text(key + [UInt8(ascii: "=")] + percentEncoded(try string(parts[1]).bytes, isQuery: true)))
        }
        return try join(pairs, separator: Text("&"), isStrict: true)
    }

    private func percentEncoded(_ text: [UInt8], isQuery: Bool) -> [UInt8] {
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
                let digits = String(byte, radix: 16, uppercase: true)
                bytes += Array((byte < 16 ? "%0" : "%").utf8) + Array(digits.utf8)
            }
        }
        return bytes
    }
}
