internal import Glibc

/// One repository in the hub's cache.
///
/// It is laid out as Python's `huggingface_hub` does it, so that both share it:
///
///     CACHE/models--org--name/blobs/HASH                        contents, named by hash; HASH.incomplete while they come
///                            /snapshots/COMMIT/config.json      links to ../../blobs/HASH
///                            /refs/main                         a branch's commit
///                            /trees/COMMIT.json                 what the repository has at that commit
///     CACHE/.locks/models--org--name/HASH.lock                  held while a content comes
struct RepositoryCache: Sendable {
    /// The folder of all repositories.
    let cache: String
    private let name: String

    init(cache: String, repository: String) {
        self.cache = cache
        name = "models--" + repository.split(separator: "/").joined(separator: "--")
    }

    private var folder: String { "\(cache)/\(name)" }

    func blob(_ digest: HexDigest) -> String { "\(folder)/blobs/\(digest.text)" }
    func incomplete(_ digest: HexDigest) -> String { blob(digest) + ".incomplete" }
    func lock(_ digest: HexDigest) -> String { "\(cache)/.locks/\(name)/\(digest.text).lock" }
    func snapshot(_ commit: String) -> String { "\(folder)/snapshots/\(commit)" }
    func link(_ file: RepositoryFile, _ commit: String) -> String { "\(snapshot(commit))/\(file.path)" }
    private func tree(_ commit: String) -> String { "\(folder)/trees/\(commit).json" }
    private func reference(_ revision: HubRevision) -> String { "\(folder)/refs/\(revision.text)" }

    /// Whether a file is there: in the snapshot, in full as far as its size says.
    func has(_ file: RepositoryFile, _ commit: String) -> Bool { Self.isFile(link(file, commit), size: file.size) }

    /// Whether a content is there in full.
    func hasBlob(_ digest: HexDigest, size: Int) -> Bool { Self.isFile(blob(digest), size: size) }

    /// Bytes of a content that an earlier try left.
    func incompleteBytes(_ digest: HexDigest) -> Int {
        var status = stat()
        return stat(incomplete(digest), &status) == 0 ? Int(status.st_size) : 0
    }

    private static func isFile(_ path: String, size: Int?) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return size == nil || status.st_size == size
    }

    /// Puts a link to a content into a snapshot, in place of whatever stands there.
    ///
    /// - Throws: `HubError.inaccessible`.
    func makeLink(_ file: RepositoryFile, _ commit: String, to digest: HexDigest) throws(HubError) {
        let path = link(file, commit)
        try Folders.make(above: path)
        let up = String(repeating: "../", count: 2 + file.path.utf8.count { $0 == UInt8(ascii: "/") })
        let draft = "\(path).\(UInt32.random(in: 0 ... .max)).tmp"
        guard symlink("\(up)blobs/\(digest.text)", draft) == 0 else { throw .system(path) }
        guard rename(draft, path) == 0 else {
            let failure = HubError.system(path)
            unlink(draft)
            throw failure
        }
    }

    /// The commit that a revision was when it was last asked for.
    func commit(_ revision: HubRevision) -> String? {
        if let commit = revision.commit { return commit }
        guard let bytes = try? SmallFile.read(reference(revision), limit: 4096) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return HexDigest.isHexadecimal(text, count: 40) ? text : nil
    }

    /// Remembers a revision's commit.
    ///
    /// - Throws: `HubError.inaccessible`.
    func remember(_ revision: HubRevision, is commit: String) throws(HubError) {
        guard revision.commit == nil, self.commit(revision) != commit else { return }
        let path = reference(revision)
        try Folders.make(above: path)
        try SmallFile.write(Array(commit.utf8), to: path)
    }

    /// What the repository has at a commit, if that was remembered.
    func listing(_ commit: String) -> RepositoryListing? {
        guard let bytes = try? SmallFile.read(tree(commit), limit: RepositoryListing.byteLimit) else { return nil }
        return RepositoryListing(tree: bytes, commit: commit)
    }

    /// Remembers what the repository has at a commit, if the hub said all of it.
    ///
    /// - Throws: `HubError.inaccessible`.
    func remember(_ listing: RepositoryListing) throws(HubError) {
        let path = tree(listing.commit)
        guard access(path, F_OK) != 0, let bytes = listing.tree else { return }
        try Folders.make(above: path)
        try SmallFile.write(bytes, to: path)
    }

    /// What a snapshot holds, where nobody remembered what it should.
    func filesPresent(_ commit: String) -> RepositoryListing {
        let root = snapshot(commit)
        let files = Folders.files(below: root).map { RepositoryFile(path: $0) }
        return RepositoryListing(commit: commit, files: files.filter { RepositoryPath.fault($0.path) == nil })
    }
}
