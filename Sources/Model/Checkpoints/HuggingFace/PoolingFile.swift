internal import OrderedJSON

/// How a text's hidden states become one vector, as `sentence-transformers` writes it: `1_Pooling/config.json`, and
/// `modules.json` for what happens before and behind.
enum PoolingFile {
    /// The steps that are known; the last, which makes a vector's length 1, is left to whoever asks for it.
    private static let steps = ["Transformer", "Pooling", "Normalize"]

    /// The pooling; `nil` if the directory has no such file.
    ///
    /// - Throws: `CheckpointError` if a file is broken or asks for something else.
    static func pooling(_ directory: String) throws(CheckpointError) -> Pooling? {
        try checkSteps("\(directory)/modules.json")
        guard let file = try JSONFile(path: "\(directory)/1_Pooling/config.json") else { return nil }
        let kinds: [(key: String, pooling: Pooling)] = [
            ("pooling_mode_cls_token", .cls), ("pooling_mode_mean_tokens", .mean), ("pooling_mode_lasttoken", .last),
        ]
        var found: [Pooling] = []
        for kind in kinds where try file.bool(kind.key) ?? false { found.append(kind.pooling) }
        guard found.count == 1 else {
            let limit = "exactly one of \(kinds.map(\.key).joined(separator: ", "))"
            throw file.outOfRange("pooling_mode_...", "\(found.count) kinds", limit)
        }
        return found[0]
    }

    /// Refuses steps that would make another vector.
    private static func checkSteps(_ path: String) throws(CheckpointError) {
        guard let bytes = try SmallFile.readIfThere(path, limit: JSONFile.sizeLimit) else { return }
        let limits = JSONLimits(depth: 8, values: 4096, containers: 1024)
        guard case .array(let modules)? = try? JSONParser.parse(bytes, limits: limits) else {
            let reason = "a list of modules in JSON is needed"
            throw .malformed(file: path, field: "content", value: "\(bytes.count) bytes", reason: reason)
        }
        for module in modules {
            guard case .object(let module) = module, case .string(let type)? = module["type"] else {
                throw .malformed(file: path, field: "type", value: "none", reason: "every module has a type")
            }
            let name = type.split(separator: ".").last.map(String.init) ?? ""
            guard steps.contains(name) else {
                throw .outOfRange(
                    file: path,
                    key: "type",
                    value: "'\(type.prefix(64))'",
                    limit: steps.joined(separator: ", ")
                )
            }
        }
    }
}
