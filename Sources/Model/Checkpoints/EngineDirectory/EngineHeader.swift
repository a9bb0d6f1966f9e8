internal import OrderedJSON

/// What an engine file says before its weights.
struct EngineHeader: Sendable {
    /// What the configuration and the text side are read from, which lies beside the file as the checkpoint had it.
    enum Source: String {
        case gguf
        case huggingFace = "hugging_face"
    }

    /// A file beside it.
    struct SideFile: Sendable, Hashable {
        /// Relative to the directory.
        var name: String
        var byteCount: Int
        var sum: UInt64
    }

    var facts: EngineFacts
    var source: Source
    /// The model's own name, if it says.
    var modelName: String?
    /// What the checkpoint's weights took.
    var stored: StoredSize
    /// The names of the checkpoint's tensors, of which configurations depend.
    var tensorNames: [String]
    var files: [SideFile]
    var tensors: [EngineTensor]
    /// Bytes of the weights.
    var weightBytes: Int
}

extension EngineHeader {
    /// The header as text.
    var json: JSONValue {
        var members = JSONObject()
        members["writer"] = .string(facts.writer)
        members["quantization"] = .string(facts.quantization)
        members["limits"] = .object(limits)
        members["source"] = .string(source.rawValue)
        members["model_name"] = modelName.map(JSONValue.string) ?? .null
        members["stored_tensors"] = .integer(stored.tensorCount)
        members["stored_bytes"] = .integer(stored.byteCount)
        members["tensor_names"] = .array(tensorNames.map(JSONValue.string))
        members["files"] = .array(files.map(\.json))
        members["tensors"] = .array(tensors.map(\.json))
        members["weight_bytes"] = .integer(weightBytes)
        return .object(members)
    }

    private var limits: JSONObject {
        var limits = JSONObject()
        limits["max_batch_size"] = facts.limits.maxBatchSize.map(JSONValue.integer)
        limits["max_num_tokens"] = facts.limits.maxNumTokens.map(JSONValue.integer)
        limits["max_seq_len"] = facts.limits.maxSequenceLength.map(JSONValue.integer)
        limits["max_beam_width"] = facts.limits.maxBeamWidth.map(JSONValue.integer)
        return limits
    }
}

extension EngineHeader.SideFile {
    /// Its entry in a header.
    fileprivate var json: JSONValue {
        let digits = withUnsafeBytes(of: sum.bigEndian) { $0.hexadecimal }
        return .object(
            JSONObject([("name", .string(name)), ("bytes", .integer(byteCount)), ("xxh64", .string(digits))])
        )
    }
}

extension EngineTensor {
    /// Its entry in a header.
    fileprivate var json: JSONValue {
        let members: [(String, JSONValue)] = [
            ("name", .string(name)), ("shape", .array(shape.map(JSONValue.integer))),
            ("format", .string(Self.name(format))), ("offset", .integer(offset)),
        ]
        return .object(JSONObject(members))
    }
}
