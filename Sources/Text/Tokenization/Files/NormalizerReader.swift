internal import OrderedJSON

/// Reads the normalizer of a `tokenizer.json`.
enum NormalizerReader {
    static func read(_ value: FileValue) throws(TokenizerError) -> Normalizer {
        let kind = try value.kind()
        switch kind {
        case "Sequence":
            let parts = try value.required("normalizers").elements()
            if parts.count > FileLimits.components { throw value.failure("\(parts.count) steps") }
            var steps: [Normalizer] = []
            for part in parts { steps.append(try read(part)) }
            return .sequence(steps)
        case "BertNormalizer":
            let lowercases = try value.flag("lowercase", default: true)
            return .bert(
                BertNormalizer(
                    cleansText: try value.flag("clean_text", default: true),
                    spacesIdeographs: try value.flag("handle_chinese_chars", default: true),
                    stripsAccents: try value.flag("strip_accents", default: lowercases),
                    lowercases: lowercases,
                )
            )
        case "StripNormalizer", "Strip":
            return .strip(
                left: try value.flag("strip_left", default: true),
                right: try value.flag("strip_right", default: true)
            )
        case "StripAccents": return .stripAccents
        case "NFC": return .form(NormalForm(isComposed: true, isCompatible: false))
        case "NFD": return .form(NormalForm(isComposed: false, isCompatible: false))
        case "NFKC": return .form(NormalForm(isComposed: true, isCompatible: true))
        case "NFKD": return .form(NormalForm(isComposed: false, isCompatible: true))
        case "Lowercase": return .lowercase
        case "Nmt": return .cleaning
        case "ByteLevel": return .byteLevel
        case "Prepend": return .prepend(try value.required("prepend").bytes())
        case "Replace":
            return .replace(try PatternReader.pattern(value), with: try value.required("content").bytes())
        case "Precompiled":
            let field = try value.required("precompiled_charsmap")
            guard let block = Base64.decode(try field.bytes()) else { throw field.failure("not base64") }
            return .charsmap(try CompiledCharsmap(block))
        default: throw value.unknownKind(kind, "normalizer")
        }
    }
}

/// Reads what is looked for in a text: `{"String": ...}` or `{"Regex": ...}`.
enum PatternReader {
    static func pattern(_ value: FileValue) throws(TokenizerError) -> TextPattern {
        let pattern = try value.required("pattern")
        if pattern["Regex"] != nil { return .expression(try expression(pattern)) }
        return .literal(try literal(pattern))
    }

    static func expression(_ pattern: FileValue) throws(TokenizerError) -> RegularExpression {
        try expression(field: try pattern.required("Regex"), .oniguruma)
    }

    /// The expression that a field is.
    static func expression(
        field: FileValue,
        _ dialect: ExpressionParser.Dialect,
    ) throws(TokenizerError) -> RegularExpression {
        let text = try field.string()
        do throws(ExpressionError) {
            return try RegularExpression(text, dialect)
        } catch {
            throw field.failure("\(error.reason), at character \(error.place)")
        }
    }

    static func literal(_ pattern: FileValue) throws(TokenizerError) -> [UInt8] {
        let field = try pattern.required("String")
        let text = try field.bytes()
        if text.count > FileLimits.literal {
            throw field.failure("\(text.count) bytes, the limit is \(FileLimits.literal)")
        }
        return text
    }
}
