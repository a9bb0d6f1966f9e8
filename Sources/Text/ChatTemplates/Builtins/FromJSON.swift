internal import OrderedJSON

extension Interpreter {
    /// The `from_json` filter: the value in a JSON text, as Python's `json.loads` and templates for llama.cpp have it.
    func fromJSON(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        _ = try arguments.bound(to: [], of: "from_json", self)
        guard case .string(let text) = value else {
            throw failure("the JSON object must be str, bytes or bytearray, not \(value.typeName)")
        }
        try charge(text.bytes.count)
        // A tree takes more memory than its text; the values made of it are counted on their own.
        try reserve(text.bytes.count, of: Self.bytesOfTreePerByte)
        let parsed: JSONValue
        do throws(JSONError) {
            parsed = try JSONParser.parse(text.bytes, limits: JSONLimits(depth: Self.valueDepthLimit))
        } catch {
            throw failure("from_json: \(error)")
        }
        return try self.value(of: mark(parsed))
    }

    /// What `[0,[0,` takes: an array and a number for three bytes.
    private static let bytesOfTreePerByte = 128
}
