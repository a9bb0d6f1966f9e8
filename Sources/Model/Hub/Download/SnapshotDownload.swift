internal import Synchronization

/// Brings files of one commit into the cache, several at once.
struct SnapshotDownload: Sendable {
    let client: HubClient
    let cache: RepositoryCache
    let commit: String
    let pace: RetryPace
    let progress: @Sendable (DownloadProgress) -> Void

    /// How many files come at once.
    private static let filesAtOnce = 6

    /// Brings all files of a model, those that its index names included.
    ///
    /// - Returns: The files, completed by the index.
    /// - Throws: `HubError`, or `CancellationError`; what has come until then is kept.
    func all(_ wanted: ModelFiles, in listing: RepositoryListing) async throws -> ModelFiles {
        var wanted = wanted
        if let index = wanted.index {
            try await bring([index]) { _ in }
            wanted = try wanted.completed(by: cache, listing, repository: client.repository)
        }
        try await bring(wanted.files, report: progress)
        return wanted
    }

    private func bring(_ files: [RepositoryFile], report: @escaping @Sendable (DownloadProgress) -> Void) async throws {
        let missing = try await described(files.filter { !cache.has($0, commit) })
        guard !missing.isEmpty else { return }
        let total = missing.reduce(0) { $0 + ($1.size ?? 0) }
        try checkRoom(for: missing)
        let state = Mutex(DownloadProgress(bytes: 0, totalBytes: total))
        report(state.withLock { $0 })
        try await eachAtOnce(missing) { file in
            let download = ContentDownload(client: client, cache: cache, file: file, commit: commit, pace: pace) {
                count in
                state.withLock { state in
                    state.bytes += count
                    report(state)
                }
            }
            try await download.run()
        }
    }

    /// The files with sizes and hashes, asked for where the listing didn't have them.
    private func described(_ files: [RepositoryFile]) async throws -> [RepositoryFile] {
        let found = Mutex<[String: RepositoryFile]>([:])
        try await eachAtOnce(files.filter { $0.size == nil || $0.digest == nil }) { file in
            let described = try await pace.retrying { try await client.described(file, commit: commit) }
            found.withLock { $0[file.path] = described }
        }
        let all = found.withLock { $0 }
        return files.map { all[$0.path] ?? $0 }
    }

    private func eachAtOnce(
        _ files: [RepositoryFile],
        _ work: @escaping @Sendable (RepositoryFile) async throws -> Void,
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var rest = files[...]
            for file in rest.prefix(Self.filesAtOnce) { group.addTask { try await work(file) } }
            rest = rest.dropFirst(Self.filesAtOnce)
            while try await group.next() != nil {
                if let file = rest.popFirst() { group.addTask { try await work(file) } }
            }
        }
    }

    /// Refuses at once what can't end well.
    private func checkRoom(for files: [RepositoryFile]) throws(HubError) {
        var needs = 0
        for file in files {
            guard let digest = file.digest, let size = file.size, !cache.hasBlob(digest, size: size) else { continue }
            needs = needs.addingReportingOverflow(size - min(size, cache.incompleteBytes(digest))).partialValue
        }
        guard let free = Folders.freeBytes(at: cache.cache), needs > free || needs < 0 else { return }
        throw .diskFull(path: cache.cache, needs: needs, has: free)
    }
}
