internal import OrderedJSON

/// Reads the pre-tokenizer of a `tokenizer.json`.
enum PreTokenizerReader {
    static func read(_ value: FileValue) throws(TokenizerError) -> [PreTokenizerStep] {
        if try value.kind() != "Sequence" { return [try step(value)] }
        var steps: [PreTokenizerStep] = []
        for part in try value.required("pretokenizers").elements() {
            steps += try read(part)
            if steps.count > FileLimits.components { throw value.failure("more than \(FileLimits.components) steps") }
        }
        return steps
    }

    private static func step(_ value: FileValue) throws(TokenizerError) -> PreTokenizerStep {
        let kind = try value.kind()
        switch kind {
        case "Split": return try split(value)
        case "ByteLevel":
            return .byteLevel(
                addsPrefixSpace: try value.flag("add_prefix_space", default: true),
                splits: try value.flag("use_regex", default: true),
                spells: true,
            )
        case "Metaspace": return .metaspace(try metaspace(value))
        case "Whitespace": return .words
        case "WhitespaceSplit": return .whitespace
        case "BertPreTokenizer": return .bert
        case "Punctuation": return .punctuation(try behavior(value) ?? .isolated)
        case "Digits": return .digits(areAlone: try value.flag("individual_digits", default: false))
        case "CharDelimiterSplit": return .delimiter(try character(value.required("delimiter")))
        case "FixedLength":
            return .fixedLength(try value["length"]?.integer(in: 1...1_000_000) ?? 5)
        default: throw value.unknownKind(kind, "pre-tokenizer")
        }
    }

    private static func split(_ value: FileValue) throws(TokenizerError) -> PreTokenizerStep {
        guard let behavior = try behavior(value) else { throw value.failure("behavior is missing") }
        let isInverted = try value.flag("invert", default: false)
        let pattern = try value.required("pattern")
        guard let expression = pattern["Regex"] else {
            let text = String(decoding: try PatternReader.literal(pattern), as: UTF8.self)
            return .split(.literal(text.unicodeScalars.map(\.value)), behavior, isInverted: isInverted)
        }
        // Where the matches cover everything, keeping only them is keeping all.
        if behavior == .isolated || (behavior == .removed && isInverted),
            let stages = PublishedExpressions.stages(try expression.string())
        {
            return .split(.stages(stages), .isolated, isInverted: false)
        }
        return .split(.expression(try PatternReader.expression(pattern)), behavior, isInverted: isInverted)
    }

    private static func behavior(_ value: FileValue) throws(TokenizerError) -> SplitBehavior? {
        guard let field = value["behavior"] else { return nil }
        guard let behavior = SplitBehavior(rawValue: try field.string()) else {
            throw field.unknownKind(try field.string(), "behavior")
        }
        return behavior
    }

    static func character(_ value: FileValue) throws(TokenizerError) -> UInt32 {
        let scalars = Array(try value.string().unicodeScalars)
        if scalars.count != 1 { throw value.failure("expected one character, found \(scalars.count)") }
        return scalars[0].value
    }

    static func metaspace(_ value: FileValue) throws(TokenizerError) -> Metaspace {
        var metaspace = Metaspace()
        metaspace.mark = try character(try value.required("replacement"))
        metaspace.splits = try value.flag("split", default: true)
        if let field = value["prepend_scheme"] {
            guard let prefix = Metaspace.Prefix(rawValue: try field.string()) else {
                throw field.unknownKind(try field.string(), "scheme")
            }
            metaspace.prefix = prefix
        } else if try !value.flag("add_prefix_space", default: true) {
            metaspace.prefix = .never
        }
        return metaspace
    }
}
