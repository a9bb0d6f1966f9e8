internal import OrderedJSON

/// Makes JSON of an argument's value that a model wrote as plain text, by the types that the function's schema gives it.
enum ArgumentText {
    /// Whether a value of these types is a string whatever it looks like, so that it can be given out as it comes.
    static func isString(_ types: ToolSet.Types?) -> Bool { types == ["string"] }

    /// The JSON of a whole value.
    ///
    /// Text that is JSON of one of the types, or of any where nothing is said, is taken as it is, and so are Python's
    /// names of `true`, `false` and `null`; everything else is a string.
    static func json(_ text: [UInt8], types: ToolSet.Types?) -> [UInt8] {
        let trimmed = Array(text.trimmed)
        let pythonic = ["True": "true", "False": "false", "None": "null"][String(decoding: trimmed, as: UTF8.self)]
        let candidate = pythonic.map { Array($0.utf8) } ?? trimmed
        if let value = try? JSONParser.parse(candidate), fits(value, types) { return candidate }
        var string: [UInt8] = [UInt8(ascii: "\"")]
        JSONWriter.append(escaped: text, to: &string)
        return string + [UInt8(ascii: "\"")]
    }

    private static func fits(_ value: JSONValue, _ types: ToolSet.Types?) -> Bool {
        guard let types else { return true }
        // A string's quotes may well be part of it.
        if case .string = value { return !types.contains("string") }
        return types.contains(value.kindName) || (value.kindName == "integer" && types.contains("number"))
            || (value.kindName == "number" && types.contains("integer"))
    }
}
