internal import OrderedJSON

/// Reads a structural tag: XGrammar's tree of formats (`format`), or the older list of `structures` with their `triggers`.
struct StructuralTag {
    private let limits: GrammarLimits

    /// The node of a structural tag.
    static func node(for tag: JSONValue, in builder: inout GrammarBuilder) throws(GrammarError) -> GrammarNode {
        let reader = StructuralTag(limits: builder.limits)
        if let format = tag["format"] {
            return try reader.node(format, until: [], path: "format", depth: 0, &builder)
        }
        guard let structures = tag["structures"]?.arrayValue else {
            throw GrammarError(.syntax, "a structural tag needs \"format\", or \"structures\" and \"triggers\"")
        }
        var tags: [Tag] = []
        for (index, structure) in structures.enumerated() {
            let path = "structures[\(index)]"
            guard let begin = structure["begin"]?.stringValue, let end = structure["end"]?.stringValue,
                let schema = structure["schema"]
            else { throw GrammarError(.syntax, "\(path) needs \"begin\", \"schema\" and \"end\"") }
            let content: JSONValue = ["type": "json_schema", "json_schema": schema]
            tags.append(Tag(begin: begin, content: content, ends: [end], path: path))
        }
        let triggers = try reader.texts(tag, "triggers", "the structural tag")
        return try reader.triggered(
            tags,
            triggers,
            Triggering(),
            until: [],
            path: "the structural tag",
            depth: 0,
            &builder
        )
    }

    /// A tag with its content.
    struct Tag {
        var begin: String
        var content: JSONValue
        var ends: [String]
        var path: String
    }

    /// How often tags come among free text.
    struct Triggering {
        var atLeastOne = false
        var stopsAfterFirst = false
        var excludes: [String] = []
    }

    /// The node of a format.
    ///
    /// - Parameter until: what ends the format from outside; free text doesn't contain it.
    func node(
        _ format: JSONValue,
        until: [Expression],
        path: String,
        depth: Int,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        guard depth < limits.depth / 8 else {
            throw GrammarError(.limit, "\(path): formats are nested deeper than \(limits.depth / 8) levels")
        }
        guard let type = format["type"]?.stringValue else {
            throw GrammarError(.syntax, "\(path): a format needs a \"type\"")
        }
        switch type {
        case "const_string": return try builder.terminal(builder.mark(text(format, "value", path)))
        case "json_schema":
            if let style = format["style"], style.stringValue != "json" {
                throw GrammarError(.unsupported, "\(path).style: only \"json\" is supported")
            }
            guard let schema = format["json_schema"] else {
                throw GrammarError(.syntax, "\(path): \"json_schema\" is missing")
            }
            return try builder.node(forSchema: schema)
        case "regex": return try builder.node(forRegex: text(format, "pattern", path))
        case "grammar": return try builder.node(forGrammar: text(format, "grammar", path), .ebnf)
        case "any_text":
            try refuse(format, ["max_tokens", "max_chars"], path)
            var marks = until
            for excluded in try texts(format, "excludes", path) { marks.append(try builder.literal(excluded)) }
            return try builder.terminal(builder.text(without: marks))
        case "token":
            guard let name = format["token"]?.stringValue else {
                throw GrammarError(.unsupported, "\(path).token: only a token's name is supported")
            }
            return try builder.special(name)
        case "tag": return try node(tag(format, path), until: until, depth: depth, &builder)
        case "triggered_tags":
            let triggering = Triggering(
                atLeastOne: format["at_least_one"]?.boolValue ?? false,
                stopsAfterFirst: format["stop_after_first"]?.boolValue ?? false,
                excludes: try texts(format, "excludes", path)
            )
            return try triggered(
                tags(format, path),
                texts(format, "triggers", path),
                triggering,
                until: until,
                path: path,
                depth: depth,
                &builder
            )
        case "tags_with_separator": return try separated(format, until, path, depth, &builder)
        default: return try composed(type, format, until, path, depth, &builder)
        }
    }

    /// A format that is made of others.
    private func composed(
        _ type: String,
        _ format: JSONValue,
        _ until: [Expression],
        _ path: String,
        _ depth: Int,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        switch type {
        case "sequence", "or":
            guard let elements = format["elements"]?.arrayValue, !elements.isEmpty else {
                throw GrammarError(.syntax, "\(path).elements: a list of formats is missing")
            }
            var nodes: [GrammarNode] = []
            for (index, element) in elements.enumerated() {
                nodes.append(
                    try node(element, until: until, path: "\(path).elements[\(index)]", depth: depth + 1, &builder)
                )
            }
            return type == "or" ? try builder.choice(nodes) : try builder.sequence(nodes)
        case "optional", "star", "plus", "repeat":
            guard let content = format["content"] else {
                throw GrammarError(.syntax, "\(path): \"content\" is missing")
            }
            let body = try node(content, until: until, path: "\(path).content", depth: depth + 1, &builder)
            var (minimum, maximum): (Int, Int?) = (type == "plus" ? 1 : 0, type == "optional" ? 1 : nil)
            if type == "repeat" {
                guard let low = format["min"]?.integerValue, let high = format["max"]?.integerValue, low >= 0,
                    high >= low || high == -1
                else { throw GrammarError(.syntax, "\(path): \"min\" and \"max\" have to be counts in order") }
                (minimum, maximum) = (low, high == -1 ? nil : high)
            }
            return try builder.repetition(body, minimum, maximum)
        default: throw GrammarError(.unsupported, "\(path).type: the format \"\(type)\" isn't supported")
        }
    }

    // MARK: Fields

    func text(_ format: JSONValue, _ field: String, _ path: String) throws(GrammarError) -> String {
        guard let text = format[field]?.stringValue else {
            throw GrammarError(.syntax, "\(path).\(field): a text is missing")
        }
        return text
    }

    func texts(_ format: JSONValue, _ field: String, _ path: String) throws(GrammarError) -> [String] {
        guard let value = format[field], !value.isNull else { return [] }
        let texts = value.arrayValue?.compactMap(\.stringValue) ?? []
        guard texts.count == value.arrayValue?.count, !texts.contains("") else {
            throw GrammarError(.syntax, "\(path).\(field): has to be a list of texts, none of them empty")
        }
        return texts
    }

    private func refuse(_ format: JSONValue, _ fields: [String], _ path: String) throws(GrammarError) {
        for field in fields where !(format[field] ?? .null).isNull {
            throw GrammarError(.unsupported, "\(path).\(field): isn't supported")
        }
    }

    private func tags(_ format: JSONValue, _ path: String) throws(GrammarError) -> [Tag] {
        guard let list = format["tags"]?.arrayValue, !list.isEmpty else {
            throw GrammarError(.syntax, "\(path).tags: a list of tags is missing")
        }
        var tags: [Tag] = []
        for (index, value) in list.enumerated() { tags.append(try tag(value, "\(path).tags[\(index)]")) }
        return tags
    }

    private func tag(_ format: JSONValue, _ path: String) throws(GrammarError) -> Tag {
        guard let content = format["content"] else { throw GrammarError(.syntax, "\(path): \"content\" is missing") }
        let ends = try markNames(format, "end", path)
        return Tag(begin: try markNames(format, "begin", path)[0], content: content, ends: ends, path: path)
    }

    /// A begin or an end: a text, several, or a special token.
    private func markNames(_ format: JSONValue, _ field: String, _ path: String) throws(GrammarError) -> [String] {
        if let text = format[field]?.stringValue { return [text] }
        if let token = format[field]?["token"]?.stringValue { return [token] }
        let names = format[field]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !names.isEmpty, names.count == format[field]?.arrayValue?.count else {
            throw GrammarError(.syntax, "\(path).\(field): a text is missing")
        }
        return names
    }

    private func separated(
        _ format: JSONValue,
        _ until: [Expression],
        _ path: String,
        _ depth: Int,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        var nodes: [GrammarNode] = []
        for tag in try tags(format, path) { nodes.append(try node(tag, until: until, depth: depth, &builder)) }
        let separator = try builder.mark(text(format, "separator", path))
        let minimum = format["at_least_one"]?.boolValue == true ? 1 : 0
        let maximum = format["stop_after_first"]?.boolValue == true ? 1 : nil
        return try builder.list(of: builder.choice(nodes), separator: separator, minimum, maximum)
    }
}
