import OpenAIProtocol

/// The items of a request's query, `name=value` each.
struct QueryItems: Sendable {
    private var values: [String: String] = [:]

    /// The items of what follows the `?`; of those with one name the last counts.
    init(_ query: String) {
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[Self.decoded(parts[0])] = parts.count > 1 ? Self.decoded(parts[1]) : ""
        }
    }

    /// An item's value.
    subscript(name: String) -> String? { values[name] }

    /// A boolean.
    ///
    /// - Throws: `ValidationError` when it is something else.
    func bool(_ name: String) throws(ValidationError) -> Bool? {
        try choice(name, of: ["true", "false"]).map { $0 == "true" }
    }

    /// An integer in a range.
    ///
    /// - Throws: `ValidationError` when it is something else.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(ValidationError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            let allowed = "an integer in [\(range.lowerBound), \(range.upperBound)]"
            throw .outOfRange(field: name, value: "'\(text.excerpt)'", allowed: allowed)
        }
        return value
    }

    /// One of some words.
    ///
    /// - Throws: `ValidationError` when it is another.
    func choice(_ name: String, of words: [String]) throws(ValidationError) -> String? {
        guard let text = values[name] else { return nil }
        guard words.contains(text) else {
            let allowed = "one of " + words.map { "'\($0)'" }.joined(separator: ", ")
            throw .outOfRange(field: name, value: "'\(text.excerpt)'", allowed: allowed)
        }
        return text
    }

    private static func decoded(_ text: Substring) -> String {
        PathPattern.percentDecoded(Substring(String(text.map { $0 == "+" ? " " : $0 })))
    }
}
