internal import AsyncHTTPClient
internal import NIOCore

/// Brings one file's content into the cache: under its lock, from where an earlier try ended, checked before it counts.
struct ContentDownload: Sendable {
    let client: HubClient
    let cache: RepositoryCache
    let file: RepositoryFile
    let commit: String
    let pace: RetryPace
    /// Told how many bytes more (or, after a fault, fewer) are there.
    let advance: @Sendable (Int) -> Void

    /// How often a content may come damaged.
    private static let mostDamages = 2

    /// Downloads unless the content is there, and links it into the snapshot.
    ///
    /// - Throws: `HubError`, or `CancellationError`.
    func run() async throws {
        guard let digest = file.digest, let size = file.size else {
            throw HubError.noChecksum(repository: client.repository, file: file.path)
        }
        let lock = try await FileLock.acquire(cache.lock(digest)) {
            pace.note("waiting for another program that downloads '\(file.path.shortened)'")
        }
        if cache.hasBlob(digest, size: size) {
            advance(size)
        } else {
            try await fetch(digest, size)
        }
        try cache.makeLink(file, commit, to: digest)
        _ = consume lock
    }

    private func fetch(_ digest: HexDigest, _ size: Int) async throws {
        var partial = try await PartialFile.open(cache.incomplete(digest), size: size, expected: digest)
        advance(partial.count)
        var damages = 0
        var failures = 0
        while true {
            let before = partial.count
            do {
                if !partial.isFull { try await receive(into: &partial) }
                try await partial.finish(as: cache.blob(digest), name: file.path)
                return
            } catch let error as HubError {
                switch error {
                case .wrongChecksum, .wrongSize:
                    damages += 1
                    guard damages < Self.mostDamages else {
                        partial.discard()
                        throw error
                    }
                    pace.note("\(error); downloading it again")
                    try restart(&partial)
                default:
                    failures = partial.count > before ? 1 : failures + 1
                    try await pace.wait(after: error, failures: failures)
                }
            }
        }
    }

    /// One request: bytes from where the content ends now, as far as they come.
    private func receive(into partial: inout PartialFile) async throws {
        let answer = try await client.content(file, commit: commit, from: partial.count)
        let range = answer.contentRange
        if answer.status != 206 || range?.start != partial.count { try restart(&partial) }
        guard answer.status == 200 || range?.start == partial.count else {
            throw HubError.unavailable(host: client.host, status: answer.status, retryAfter: nil)
        }
        if let total = range?.total ?? answer.contentLength.map({ $0 + partial.count }), total != file.size {
            throw HubError.wrongSize(file: file.path, expected: file.size ?? 0, found: total)
        }
        var body = answer.body.makeAsyncIterator()
        while let part = try await HubTransport.reaching(client.host, { try await body.next() }) {
            try part.withUnsafeReadableBytes { bytes throws(HubError) in
                try partial.append(bytes, name: file.path)
            }
            advance(part.readableBytes)
        }
        if !partial.isFull {
            throw HubError.unreachable(host: client.host, reason: "the answer ended early")
        }
    }

    private func restart(_ partial: inout PartialFile) throws(HubError) {
        advance(-partial.count)
        try partial.restart()
    }
}
