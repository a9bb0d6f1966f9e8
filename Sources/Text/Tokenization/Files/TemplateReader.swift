internal import OrderedJSON

/// Reads what the post-processor of a `tokenizer.json` puts around a single text.
enum TemplateReader {
    static func read(_ value: FileValue) throws(TokenizerError) -> (prefix: [TokenID], suffix: [TokenID]) {
        let kind = try value.kind()
        switch kind {
        case "TemplateProcessing": return try template(value)
        case "BertProcessing", "RobertaProcessing":
            return ([try token(try value.required("cls"))], [try token(try value.required("sep"))])
        case "ByteLevel": return ([], [])
        case "Sequence":
            var (prefix, suffix): ([TokenID], [TokenID]) = ([], [])
            let parts = try value.required("processors").elements()
            if parts.count > FileLimits.components { throw value.failure("\(parts.count) steps") }
            for part in parts {
                let found = try read(part)
                prefix = found.prefix + prefix
                suffix += found.suffix
            }
            return (prefix, suffix)
        default: throw value.unknownKind(kind, "post-processor")
        }
    }

    /// `["[SEP]", 102]`.
    private static func token(_ value: FileValue) throws(TokenizerError) -> TokenID {
        let elements = try value.elements()
        guard elements.count == 2 else { throw value.failure("expected a text and an id") }
        return TokenID(try elements[1].integer(in: 0...FileLimits.ids))
    }

    private static func template(_ value: FileValue) throws(TokenizerError) -> ([TokenID], [TokenID]) {
        let special = value["special_tokens"]
        var (prefix, suffix): ([TokenID], [TokenID]) = ([], [])
        var isBehind = false
        let parts = try value.required("single").elements()
        if parts.count > FileLimits.components { throw value.failure("\(parts.count) parts") }
        for part in parts {
            if part["Sequence"] != nil {
                if isBehind { throw part.failure("the text twice") }
                isBehind = true
                continue
            }
            let name = try part.required("SpecialToken").required("id").string()
            guard let entry = special?[name] else {
                throw part.failure("'\(FileValue.excerpt(name))' isn't in special_tokens")
            }
            let ids = try entry.required("ids").elements()
            if ids.count > FileLimits.components { throw entry.failure("\(ids.count) ids") }
            for id in ids {
                let id = TokenID(try id.integer(in: 0...FileLimits.ids))
                if isBehind { suffix.append(id) } else { prefix.append(id) }
            }
        }
        return (prefix, suffix)
    }
}
