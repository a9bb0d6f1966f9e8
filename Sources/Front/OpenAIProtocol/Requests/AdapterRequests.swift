package import OrderedJSON

/// `POST /v1/load_lora_adapter`, checked and with its defaults.
public struct LoadAdapterRequest: DescribedRequest, Hashable {
    /// What requests will call it.
    public var name: String
    /// A directory of the server.
    public var path: String
    /// Whether it takes the place of another of its name.
    public var replaces: Bool

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        name = try reader.requiredString("lora_name")
        try AdapterReference.check(name: name, "lora_name", limits)
        path = try reader.requiredString("lora_path")
        guard !path.isEmpty else { throw .invalid(field: "lora_path", message: "lora_path must not be empty") }
        try AdapterReference.check(path: path, "lora_path")
        replaces = try reader.bool("load_inplace", default: false)
    }

    /// An adapter.
    package static let examples: [JSONObject] = [["lora_name": "a", "lora_path": "/adapters/a"]]
}

/// `POST /v1/unload_lora_adapter`, checked.
public struct UnloadAdapterRequest: DescribedRequest, Hashable {
    /// What requests call it.
    public var name: String

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        name = try reader.requiredString("lora_name")
        try AdapterReference.check(name: name, "lora_name", limits)
        // The reference tells adapters apart by it; here their names do.
        _ = try reader.integer("lora_int_id", in: 0...Int.max)
    }

    /// An adapter.
    package static let examples: [JSONObject] = [["lora_name": "a"]]
}
