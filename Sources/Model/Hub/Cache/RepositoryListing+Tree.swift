internal import OrderedJSON

/// The form in which `huggingface_hub` (from version 1.0) remembers a listing:
///
///     {"format_version": 1, "files": {"config.json": {"size": 1, "blob_id": "..."},
///                                     "x.safetensors": {..., "lfs_sha256": "...", "lfs_size": 1}}}
extension RepositoryListing {
    private static let formatVersion = 1

    /// Reads it; `nil` for anything else than that version, and for names and hashes that no hub gives.
    init?(tree: [UInt8], commit: String) {
        let limits = JSONLimits(depth: 8, values: 800_000, containers: 100_000)
        guard let value = try? JSONParser.parse(tree, limits: limits),
            value["format_version"] == .integer(Self.formatVersion), let members = value["files"]?.objectValue
        else { return nil }
        var files: [RepositoryFile] = []
        for (path, entry) in members {
            guard RepositoryPath.fault(path) == nil else { return nil }
            let large = entry["lfs_sha256"]?.stringValue
            guard let size = (large == nil ? entry["size"] : entry["lfs_size"])?.integerValue, size >= 0,
                let digest = HexDigest(large ?? entry["blob_id"]?.stringValue ?? "")
            else { return nil }
            files.append(RepositoryFile(path: path, size: size, digest: digest, blobID: entry["blob_id"]?.stringValue))
        }
        self.init(commit: commit, files: files.sorted { $0.path < $1.path })
    }

    /// Writes it; `nil` when sizes or hashes aren't known.
    var tree: [UInt8]? {
        var members = JSONObject()
        for file in files {
            guard let size = file.size, let blob = file.blobID else { return nil }
            var entry: JSONObject = ["size": .integer(size), "blob_id": .string(blob)]
            if case .sha256(let hash) = file.digest {
                entry["lfs_sha256"] = .string(hash)
                entry["lfs_size"] = .integer(size)
            }
            members[file.path] = .object(entry)
        }
        var bytes: [UInt8] = []
        let tree: JSONObject = ["format_version": .integer(Self.formatVersion), "files": .object(members)]
        JSONWriter.append(.object(tree), to: &bytes)
        return bytes
    }
}
