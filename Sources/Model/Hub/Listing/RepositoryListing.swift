internal import OrderedJSON

/// What a repository has at one commit.
struct RepositoryListing: Sendable, Hashable {
    /// 40 hexadecimal digits.
    let commit: String
    /// All files, by path.
    let files: [RepositoryFile]

    /// The file with this path.
    func file(_ path: String) -> RepositoryFile? { files.first { $0.path == path } }
}

extension RepositoryListing {
    /// Bounds on a listing's JSON: a repository of a model has some tens of files, the largest some thousands.
    static let byteLimit = 8 << 20
    private static let limits = JSONLimits(depth: 16, values: 400_000, containers: 100_000)

    /// Reads the answer of `/api/models/REPOSITORY/revision/REVISION?blobs=true`.
    ///
    /// - Throws: `HubError.malformedAnswer`, or `hostileFileName` when one of the names can't be a path.
    init(answer: [UInt8], repository: String, what: String) throws(HubError) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(answer, limits: Self.limits)
        } catch {
            throw .malformedAnswer(what: what, reason: "\(error)")
        }
        guard let commit = value["sha"]?.stringValue, HexDigest.isHexadecimal(commit, count: 40) else {
            throw .malformedAnswer(what: what, reason: "'sha' isn't a commit of 40 hexadecimal digits")
        }
        guard let siblings = value["siblings"]?.arrayValue else {
            throw .malformedAnswer(what: what, reason: "'siblings' isn't an array")
        }
        var files: [RepositoryFile] = []
        for sibling in siblings {
            guard let path = sibling["rfilename"]?.stringValue else {
                throw .malformedAnswer(what: what, reason: "a file in 'siblings' has no 'rfilename'")
            }
            if let fault = RepositoryPath.fault(path) {
                throw .hostileFileName(repository: repository, file: path, reason: fault)
            }
            files.append(RepositoryFile(path: path, sibling: sibling))
        }
        files.sort { $0.path < $1.path }
        if let pair = zip(files, files.dropFirst()).first(where: { $0.path == $1.path }) {
            throw .hostileFileName(repository: repository, file: pair.0.path, reason: "it is there twice")
        }
        self.init(commit: commit, files: files)
    }
}

extension RepositoryFile {
    /// Size and hash are those of the content, not of the pointer that Git has in its place (LFS).
    fileprivate init(path: String, sibling: JSONValue) {
        let large = sibling["lfs"].flatMap { $0.isNull ? nil : $0 }
        let blobID = sibling["blobId"]?.stringValue.flatMap { HexDigest.isHexadecimal($0, count: 40) ? $0 : nil }
        let hash = large.map { $0["sha256"] ?? $0["oid"] } ?? blobID.map(JSONValue.string)
        let digest = hash?.stringValue.flatMap(HexDigest.init)
        let size = (large?["size"] ?? sibling["size"])?.integerValue.flatMap { $0 >= 0 ? $0 : nil }
        self.init(path: path, size: size, digest: digest, blobID: blobID)
    }
}
