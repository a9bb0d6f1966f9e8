/// Which version of a repository: a branch, a tag or a commit.
public struct HubRevision: Sendable, Hashable {
    /// As it was given.
    public let text: String

    /// What is taken when nothing is asked for.
    public static let main = HubRevision(trusted: "main")

    private init(trusted: String) { text = trusted }

    /// Reads a revision; it becomes a path below `refs/` in the cache.
    ///
    /// - Throws: `HubError.invalidRevision`.
    public init(_ text: String) throws(HubError) {
        if let fault = RepositoryPath.fault(text) { throw .invalidRevision(text, reason: fault) }
        self.text = text
    }

    /// The commit, when that is what it is: 40 hexadecimal digits in lower case.
    var commit: String? { HexDigest.isHexadecimal(text, count: 40) ? text : nil }
}
