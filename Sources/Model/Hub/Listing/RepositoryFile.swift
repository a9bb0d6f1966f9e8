/// A file of a repository at one commit.
struct RepositoryFile: Sendable, Hashable {
    /// Its name with its folders, checked by `RepositoryPath`.
    let path: String
    /// Bytes, when the hub said so.
    var size: Int?
    /// What its content must be, when the hub said so.
    var digest: HexDigest?
    /// Git's name of what it has in the file's place: the file itself, or a pointer to a large one.
    var blobID: String?

    /// The name without folders.
    var name: Substring { path.split(separator: "/").last ?? path[...] }
    /// Whether it lies in no folder.
    var isAtTop: Bool { !path.contains("/") }
}
