/// How a text's hidden states become one vector, as `sentence-transformers` writes it: `1_Pooling/config.json`.
enum PoolingFile {
    /// The pooling; `nil` if the directory has no such file.
    ///
    /// - Throws: `CheckpointError` if the file is broken or asks for another kind.
    static func pooling(_ directory: String) throws(CheckpointError) -> Pooling? {
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
}
