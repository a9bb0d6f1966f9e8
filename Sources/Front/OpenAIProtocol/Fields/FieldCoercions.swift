package import OrderedJSON

/// One JSON value as the type a field has.
extension FieldReader {
    /// The text of a string.
    package static func string(_ value: JSONValue, _ field: String) throws(ValidationError) -> String {
        guard let text = value.stringValue else {
            throw .wrongType(field: field, expected: "a string", found: value.kindName)
        }
        return text
    }

    /// A boolean, or one of the words and numbers that stand for one.
    package static func bool(_ value: JSONValue, _ field: String) throws(ValidationError) -> Bool {
        switch value {
        case .bool(let flag): return flag
        case .integer(0), .number(0): return false
        case .integer(1), .number(1): return true
        case .string(let text):
            switch text.lowercased() {
            case "true", "1", "yes", "on", "t", "y": return true
            case "false", "0", "no", "off", "f", "n": return false
            default: break
            }
        default: break
        }
        throw .wrongType(field: field, expected: "a boolean", found: described(value))
    }

    /// An integer in a range, perhaps written as a number or a text.
    package static func integer(
        _ value: JSONValue,
        _ field: String,
        in range: ClosedRange<Int> = Int.min...Int.max,
    ) throws(ValidationError) -> Int {
        let integer: Int
        switch value {
        case .integer(let exact): integer = exact
        case .number(let number) where number == number.rounded():
            guard let exact = Int(exactly: number) else {
                throw .outOfRange(field: field, value: "\(number)", allowed: words(range))
            }
            integer = exact
        case .string(let text):
            guard let exact = Int(text) ?? Double(text).flatMap({ Int(exactly: $0) }) else {
                throw .wrongType(field: field, expected: "an integer", found: described(value))
            }
            integer = exact
        default: throw .wrongType(field: field, expected: "an integer", found: described(value))
        }
        guard range.contains(integer) else {
            throw .outOfRange(field: field, value: "\(integer)", allowed: words(range))
        }
        return integer
    }

    /// A number in a range, perhaps written as a text.
    package static func number(_ value: JSONValue, _ field: String, in range: NumberRange) throws(ValidationError)
        -> Float
    {
        let number: Double
        switch value {
        case .integer, .number: number = value.doubleValue ?? 0
        case .string(let text):
            guard let parsed = Double(text) else {
                throw .wrongType(field: field, expected: "a number", found: described(value))
            }
            number = parsed
        default: throw .wrongType(field: field, expected: "a number", found: value.kindName)
        }
        guard range.contains(number) else {
            throw .outOfRange(field: field, value: value.stringValue ?? value.serializedText, allowed: range.words)
        }
        return range.rounded(number)
    }

    /// Token ids, not compared with the vocabulary.
    package static func tokens(_ values: [JSONValue], _ field: String) throws(ValidationError) -> [Int] {
        var tokens: [Int] = []
        tokens.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            if case .integer(let token) = value {
                tokens.append(token)
            } else {
                tokens.append(try integer(value, "\(field)[\(index)]"))
            }
        }
        return tokens
    }

    /// Checks how much a field holds, and says it with the limit.
    package static func checkCount(
        _ count: Int,
        _ field: String,
        _ kind: String,
        atMost limit: Int,
        _ unit: String,
    ) throws(ValidationError) {
        guard count <= limit else {
            throw .outOfRange(field: field, value: "\(kind) \(count) \(unit)", allowed: "of at most \(limit)")
        }
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "an integer of 64 bits"
        case (let low, .max): "at least \(low)"
        case (let low, let high): "in [\(low), \(high)]"
        }
    }

    /// The kind of a value, and the value itself when it is short.
    private static func described(_ value: JSONValue) -> String {
        switch value {
        case .array, .object, .null: return value.kindName
        default:
            let text = value.serializedText
            return text.utf8.count <= 40 ? "\(value.kindName) \(text)" : value.kindName
        }
    }
}
