/// Why a model can't be had from a hub or its cache; each message says what to do.
public enum HubError: Error, Sendable, Hashable {
    /// The text can't be a repository's name.
    case invalidName(String, reason: String)
    /// The text can't be a branch, a tag or a commit.
    case invalidRevision(String, reason: String)
    /// A variable of the environment (or the file it names) can't be used; its value isn't told, it may be secret.
    case invalidSetting(variable: String, reason: String)
    /// The cache doesn't have it, and `HF_HUB_OFFLINE` forbids to ask.
    case notCached(repository: String, revision: String, missing: [String], cache: String)
    /// No answer: no connection, a broken one, or none in time.
    case unreachable(host: String, reason: String)
    /// An answer that says the hub can't answer now.
    case unavailable(host: String, status: Int, retryAfter: Int?)
    /// An answer that nobody expects.
    case refused(what: String, status: Int, reason: String)
    /// The answer isn't what the hub's interface says.
    case malformedAnswer(what: String, reason: String)
    /// No such repository, or one that only others may see.
    case missingRepository(String, host: String, nearest: [String], isLoggedIn: Bool)
    /// No such branch, tag or commit.
    case missingRevision(repository: String, revision: String)
    /// A file that was listed or is needed isn't there.
    case missingFile(repository: String, file: String)
    /// Files are given only to those who have accepted conditions.
    case gated(repository: String, host: String, isLoggedIn: Bool)
    /// The token isn't one.
    case invalidToken(source: String, host: String)
    /// A file's name would leave the cache, or confuse.
    case hostileFileName(repository: String, file: String, reason: String)
    /// The weights are there only in formats that run code when they are read.
    case pickledWeights(repository: String, file: String)
    /// There is nothing to serve.
    case noModel(repository: String, files: [String])
    /// Behind the colon stands what no file, or more than one, has.
    case noSuchQuantization(repository: String, selector: String?, matches: [String], choices: [String])
    /// The hub doesn't say how to check a file.
    case noChecksum(repository: String, file: String)
    /// A file has another length than the hub said.
    case wrongSize(file: String, expected: Int, found: Int)
    /// A file's content isn't what the hub said.
    case wrongChecksum(file: String, expected: String, found: String)
    /// The disk has too little room.
    case diskFull(path: String, needs: Int, has: Int)
    /// A file of the cache can't be read or written.
    case inaccessible(path: String, reason: String)
}

extension HubError {
    /// Whether asking again later may help.
    var isTransient: Bool {
        switch self {
        case .unreachable, .unavailable: true
        default: false
        }
    }
}
