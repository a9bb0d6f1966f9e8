internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import OrderedJSON

/// The hub's interface: what a repository has, and its files.
struct HubClient: Sendable {
    let transport: HubTransport
    let repository: String

    private var endpoint: HubEndpoint { transport.settings.endpoint }
    /// The hub's address, for messages.
    var host: String { endpoint.description }

    /// What the repository has at a revision.
    ///
    /// - Throws: `HubError`; a repository that isn't there comes with names that are near.
    func listing(_ revision: HubRevision) async throws -> RepositoryListing {
        let what = "the files of \(repository)"
        let path = "/api/models/\(repository)/revision/\(revision.text.escaped())?blobs=true"
        do {
            let answer = try await transport.send(.GET, endpoint.url(path))
            try check(answer, what: what, missing: missingRepository())
            let bytes = try await HubTransport.reaching(host) {
                try await answer.bytes(limit: RepositoryListing.byteLimit, what: what)
            }
            return try RepositoryListing(answer: bytes, repository: repository, what: what)
        } catch HubError.missingRevision {
            throw HubError.missingRevision(repository: repository, revision: revision.text)
        } catch HubError.missingRepository {
            throw missingRepository(nearest: await namesNearby())
        }
    }

    /// A file with the size and the hash that the hub's head of it says.
    func described(_ file: RepositoryFile, commit: String) async throws -> RepositoryFile {
        let answer = try await transport.send(.HEAD, url(file, commit))
        // A redirect to the host that keeps the file is an answer too.
        if !(300..<400).contains(answer.status) { try check(answer, file: file) }
        var file = file
        let tag = answer.header("X-Linked-Etag") ?? answer.header("ETag") ?? ""
        let isRedirect = answer.status != 200
        let length = answer.header("X-Linked-Size") ?? (isRedirect ? nil : answer.header("Content-Length"))
        file.digest = file.digest ?? HexDigest(String(tag.drop { "W/\"".contains($0) }.prefix { $0 != "\"" }))
        file.size = file.size ?? length.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        return file
    }

    /// A file's bytes from an offset on.
    ///
    /// - Returns: The answer; status 206 when it begins at the offset, 200 when it begins at the file's beginning.
    func content(_ file: RepositoryFile, commit: String, from offset: Int) async throws -> HubAnswer {
        let range: HTTPHeaders = offset > 0 ? ["Range": "bytes=\(offset)-"] : [:]
        let answer = try await transport.send(.GET, url(file, commit), headers: range)
        if answer.status != 416 { try check(answer, file: file) }
        return answer
    }

    private func url(_ file: RepositoryFile, _ commit: String) -> String {
        endpoint.url("/\(repository)/resolve/\(commit)/\(file.path.escaped(keeping: "/"))")
    }

    private var isLoggedIn: Bool { transport.settings.token != nil }

    private func missingRepository(nearest: [String] = []) -> HubError {
        .missingRepository(repository, host: host, nearest: nearest, isLoggedIn: isLoggedIn)
    }

    private func check(_ answer: HubAnswer, file: RepositoryFile) throws(HubError) {
        try check(
            answer,
            what: "'\(file.path.shortened)' of \(repository)",
            missing: .missingFile(repository: repository, file: file.path)
        )
    }

    /// Turns a status that isn't success into the error that it means.
    private func check(_ answer: HubAnswer, what: String, missing: HubError) throws(HubError) {
        let status = answer.status
        if status == 200 || status == 206 { return }
        let reason = answer.headers.first(name: "X-Error-Message") ?? ""
        if [408, 429].contains(status) || status >= 500 {
            throw .unavailable(host: host, status: status, retryAfter: answer.retryAfter)
        }
        // Addresses of files on other hosts are valid for some time only; the hub gives a new one.
        guard answer.isHub else { throw .unavailable(host: host, status: status, retryAfter: nil) }
        switch (status, answer.headers.first(name: "X-Error-Code")) {
        case (_, "RevisionNotFound"): throw .missingRevision(repository: repository, revision: "")
        case (_, "GatedRepo"): throw .gated(repository: repository, host: host, isLoggedIn: isLoggedIn)
        case (_, "RepoNotFound"): throw missingRepository()
        case (401, _):
            if let token = transport.settings.token, reason.hasPrefix("Invalid credentials") {
                throw .invalidToken(source: token.source, host: host)
            }
            // The hub doesn't tell strangers whether a private repository is there.
            throw missingRepository()
        case (404, _): throw missing
        default: throw .refused(what: what, status: status, reason: reason)
        }
    }

    /// Names of the same owner's models that are written nearly so; none when the hub doesn't say.
    private func namesNearby() async -> [String] {
        let parts = repository.split(separator: "/")
        let query = parts.count == 2 ? "author=\(String(parts[0]).escaped())" : "search=\(repository.escaped())"
        guard let answer = try? await transport.send(.GET, endpoint.url("/api/models?\(query)&limit=500")),
            answer.status == 200, let bytes = try? await answer.bytes(limit: 4 << 20, what: ""),
            let value = try? JSONParser.parse(bytes, limits: JSONLimits(values: 200_000, containers: 50_000))
        else { return [] }
        let names = value.arrayValue?.prefix(500).compactMap { $0["id"]?.stringValue } ?? []
        return NearbyNames.of(repository, among: names.filter { (try? HubModelName($0)) != nil })
    }
}
