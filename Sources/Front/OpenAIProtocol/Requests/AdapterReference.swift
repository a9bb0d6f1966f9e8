internal import OrderedJSON

/// `lora_request`: the adapter that a request is computed with.
public struct AdapterReference: Sendable, Hashable {
    /// `lora_name`.
    public var name: String
    /// `lora_path`, a directory of the server; `nil` for an adapter that it knows by its name.
    public var path: String?

    /// Most bytes of a path.
    private static let pathBytes = 4096

    /// Reads the field.
    static func read(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) -> AdapterReference? {
        guard var fields = try reader.fields("lora_request") else { return nil }
        let name = try fields.requiredString("lora_name")
        try check(name: name, "lora_request.lora_name", limits)
        // The reference tells adapters apart by it; here their names do.
        _ = try fields.integer("lora_int_id", in: 0...Int.max)
        let path = try fields.string("lora_path").flatMap { $0.isEmpty ? nil : $0 }
        if let path { try check(path: path, "lora_request.lora_path") }
        _ = try fields.choice("lora_ckpt_source", of: ["hf"], default: "hf")
        try fields.rejectUnread { _ in nil }
        return AdapterReference(name: name, path: path)
    }

    static func check(name: String, _ field: String, _ limits: RequestLimits) throws(ValidationError) {
        guard !name.isEmpty else { throw .invalid(field: field, message: "\(field) must not be empty") }
        try FieldReader.checkCount(name.utf8.count, field, "a name of", atMost: limits.modelNameBytes, "bytes")
    }

    /// Checks how long a directory's name is.
    static func check(path: String, _ field: String) throws(ValidationError) {
        try FieldReader.checkCount(path.utf8.count, field, "text of", atMost: pathBytes, "bytes")
    }
}
