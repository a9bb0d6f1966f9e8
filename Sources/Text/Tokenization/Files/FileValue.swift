internal import OrderedJSON

/// A value in a JSON file with the path to it, for messages.
struct FileValue {
    let value: JSONValue
    let path: String

    /// Most characters of a file that a message repeats.
    private static let longestExcerpt = 48

    static func excerpt(_ text: String) -> String {
        text.unicodeScalars.count <= longestExcerpt ? text : String(text.unicodeScalars.prefix(longestExcerpt)) + "..."
    }

    func failure(_ reason: String) -> TokenizerError { .malformedFile(field: path, reason: reason) }

    /// A member that is there and isn't null.
    subscript(_ key: String) -> FileValue? {
        guard let member = value[key], !member.isNull else { return nil }
        return FileValue(value: member, path: "\(path).\(key)")
    }

    func required(_ key: String) throws(TokenizerError) -> FileValue {
        guard let member = self[key] else { throw failure("\(key) is missing") }
        return member
    }

    func string() throws(TokenizerError) -> String {
        guard let text = value.stringValue else { throw failure("expected a string, found \(value.kindName)") }
        return text
    }

    func bytes() throws(TokenizerError) -> [UInt8] { Array(try string().utf8) }

    func bool() throws(TokenizerError) -> Bool {
        guard let flag = value.boolValue else { throw failure("expected true or false, found \(value.kindName)") }
        return flag
    }

    func integer(in range: ClosedRange<Int>) throws(TokenizerError) -> Int {
        guard let number = value.integerValue, range.contains(number) else {
            throw failure("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func number() throws(TokenizerError) -> Double {
        guard let number = value.doubleValue, number.isFinite else {
            throw failure("expected a number, found \(value.kindName)")
        }
        return number
    }

    func elements() throws(TokenizerError) -> [FileValue] {
        guard let elements = value.arrayValue else { throw failure("expected a list, found \(value.kindName)") }
        return elements.enumerated().map { FileValue(value: $1, path: "\(path)[\($0)]") }
    }

    func object() throws(TokenizerError) -> JSONObject {
        guard let object = value.objectValue else { throw failure("expected an object, found \(value.kindName)") }
        return object
    }

    /// A flag, or what holds where the file doesn't say.
    func flag(_ key: String, default value: Bool) throws(TokenizerError) -> Bool {
        guard let member = self[key] else { return value }
        return try member.bool()
    }

    /// The name of a component's kind.
    func kind() throws(TokenizerError) -> String { try required("type").string() }

    func unknownKind(_ kind: String, _ what: String) -> TokenizerError {
        failure("'\(Self.excerpt(kind))' is no \(what) known here")
    }
}

/// What the files of a tokenizer may be like.
enum FileLimits {
    /// Ids of tokens are below it.
    static let ids = 1 << 22
    /// Most components in a sequence.
    static let components = 64
    /// Most code points of what is looked for literally.
    static let literal = 256
    /// Most merges.
    static let merges = 1 << 23
    /// Most added tokens.
    static let addedTokens = 1 << 20

    static let json = JSONLimits(depth: 64, values: 1 << 25, containers: 1 << 23)
}
