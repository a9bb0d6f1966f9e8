public import OrderedJSON

/// The JSON object in a request's body.
public enum RequestBody {
    /// Bounds the memory of a body's tree: a million token ids or texts, 20,000 messages with parts.
    static let limits = JSONLimits(values: 1 << 20, containers: 1 << 16)

    /// The object in a body of UTF-8 bytes.
    ///
    /// - Throws: `ValidationError` when it isn't JSON or not an object.
    public static func parse(_ bytes: [UInt8]) throws(ValidationError) -> JSONObject {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes, limits: limits)
        } catch {
            throw .malformedJSON(error.description)
        }
        guard let object = value.objectValue else { throw .notAnObject(found: value.kindName) }
        return object
    }
}
