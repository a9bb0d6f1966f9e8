import OrderedJSON

/// The words and tokens that a request names.
extension SamplingFields {
    /// Longest `cache_salt`, in bytes: it is kept as long as what was computed under it.
    private static let saltBytes = 256

    static func stop(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) -> [String] {
        let stops: [String]
        switch reader.given("stop", .either([.string, .list(.string)])) {
        case nil: return []
        case .string(let text): stops = [text]
        case .array(let values):
            try FieldReader.checkCount(values.count, "stop", "a list of", atMost: limits.stopStrings, "strings")
            var texts: [String] = []
            for (index, value) in values.enumerated() { texts.append(try FieldReader.string(value, "stop[\(index)]")) }
            stops = texts
        case .some(let value):
            throw .wrongType(field: "stop", expected: "a string or an array of strings", found: value.kindName)
        }
        guard !stops.contains("") else { throw .invalid(field: "stop", message: "stop must not be an empty string") }
        let size = stops.reduce(0) { $0 + $1.utf8.count }
        try FieldReader.checkCount(size, "stop", "text of", atMost: limits.stopBytes, "bytes")
        return stops
    }

    /// `bad_words`, bounded like `stop`.
    static func badWords(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) -> [String] {
        guard let values = try reader.array("bad_words", of: .string) else { return [] }
        try FieldReader.checkCount(values.count, "bad_words", "a list of", atMost: limits.stopStrings, "strings")
        var words: [String] = []
        for (index, value) in values.enumerated() {
            words.append(try FieldReader.string(value, "bad_words[\(index)]"))
        }
        guard !words.contains("") else {
            throw .invalid(field: "bad_words", message: "bad_words must not contain an empty string")
        }
        let size = words.reduce(0) { $0 + $1.utf8.count }
        try FieldReader.checkCount(size, "bad_words", "text of", atMost: limits.stopBytes, "bytes")
        return words
    }

    /// `allowed_token_ids`, of which there is at least one.
    static func allowedTokenIDs(_ reader: inout FieldReader, limit: Int) throws(ValidationError) -> [Int]? {
        guard let values = try reader.array("allowed_token_ids", of: .token) else { return nil }
        guard !values.isEmpty else {
            throw .invalid(field: "allowed_token_ids", message: "allowed_token_ids must not be an empty list")
        }
        try FieldReader.checkCount(values.count, "allowed_token_ids", "a list of", atMost: limit, "ids")
        return try FieldReader.tokens(values, "allowed_token_ids")
    }

    /// `cache_salt`.
    static func cacheSalt(_ reader: inout FieldReader) throws(ValidationError) -> String? {
        guard let salt = try reader.string("cache_salt") else { return nil }
        guard !salt.isEmpty else { throw .invalid(field: "cache_salt", message: "cache_salt must not be empty") }
        try FieldReader.checkCount(salt.utf8.count, "cache_salt", "text of", atMost: saltBytes, "bytes")
        return salt
    }
}
