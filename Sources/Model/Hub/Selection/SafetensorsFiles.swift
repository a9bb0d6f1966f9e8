internal import OrderedJSON

/// Which safetensors files of a repository are the model's weights.
struct SafetensorsFiles {
    /// Says which files there are; then `files` is empty.
    var index: RepositoryFile?
    /// The weights.
    var files: [RepositoryFile] = []

    private static let indexName = "model.safetensors.index.json"
    /// An index has a line for each tensor, and the largest models some 100,000 of them.
    static let indexLimit = 64 << 20

    /// The index and what it names, else `model.safetensors`, else all at the top but adapters, those in Mistral's own
    /// format, and numbered ones of which some are missing; `nil` without any.
    init?(_ listing: RepositoryListing) {
        let all = listing.files.filter { file in
            file.isAtTop && file.path.hasSuffix(".safetensors")
                && !["adapter_", "consolidated"].contains(where: file.path.hasPrefix)
        }
        guard !all.isEmpty else { return nil }
        index = listing.file(Self.indexName)
        if index != nil { return }
        if let single = listing.file("model.safetensors") {
            files = [single]
            return
        }
        files = NumberedName.completeGroups(of: all, suffix: ".safetensors").flatMap(\.files)
        if files.isEmpty { return nil }
    }

    /// The files that an index names.
    ///
    /// - Throws: `HubError` when the index can't be read or names a file that the repository doesn't have.
    static func named(
        by index: [UInt8],
        in listing: RepositoryListing,
        repository: String,
    ) throws(HubError) -> [RepositoryFile] {
        let what = "\(indexName) of \(repository)"
        let value: JSONValue
        do {
            value = try JSONParser.parse(index, limits: JSONLimits(depth: 8, values: 1_000_000, containers: 1000))
        } catch {
            throw .malformedAnswer(what: what, reason: "\(error)")
        }
        guard let map = value["weight_map"]?.objectValue, !map.isEmpty else {
            throw .malformedAnswer(what: what, reason: "'weight_map' isn't an object with members")
        }
        var names: Set<String> = []
        for name in map.values {
            guard let name = name.stringValue else {
                throw .malformedAnswer(what: what, reason: "'weight_map' holds a JSON \(name.kindName)")
            }
            names.insert(name)
        }
        let known = Dictionary(listing.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var files: [RepositoryFile] = []
        for name in names.sorted() {
            guard let file = known[name] else { throw .missingFile(repository: repository, file: name) }
            files.append(file)
        }
        return files
    }
}
