/// A hub and its cache on this disk: a name in, a path out, downloading what is missing.
///
///     name -> listing (hub, else cache) -> files that are needed -> contents in the cache -> path
public struct ModelHub: Sendable {
    /// What somebody hears of it; functions may be called from any thread.
    public struct Listener: Sendable {
        package let note: @Sendable (String) -> Void
        let progress: @Sendable (DownloadProgress) -> Void

        /// - Parameters:
        ///   - note: Told in a sentence what isn't as usual: waits, second tries, an old copy used.
        ///   - progress: Told how far a download is; never called when nothing is missing.
        public init(
            note: @escaping @Sendable (String) -> Void,
            progress: @escaping @Sendable (DownloadProgress) -> Void,
        ) {
            self.note = note
            self.progress = progress
        }
    }

    private let settings: HubSettings
    private let userAgent: String
    private let listener: Listener
    private let pace: RetryPace

    /// A hub.
    ///
    /// - Parameter userAgent: What the hub is told of who asks: `program/version`.
    public init(settings: HubSettings, userAgent: String, listener: Listener) {
        self.init(settings: settings, userAgent: userAgent, listener: listener, pace: RetryPace(note: listener.note))
    }

    /// A hub that is asked again at another pace.
    package init(settings: HubSettings, userAgent: String, listener: Listener, pace: RetryPace) {
        self.settings = settings
        self.userAgent = userAgent
        self.listener = listener
        self.pace = pace
    }

    /// The path of a model: a folder with a checkpoint, or a GGUF file (the first of a split one).
    ///
    /// Without an answer from the hub, what the cache has of the revision is taken, if it is complete.
    ///
    /// - Throws: `HubError`, or `CancellationError`.
    public func model(_ name: HubModelName, revision: HubRevision = .main) async throws -> String {
        try await path(of: name, revision, for: .computing)
    }

    /// The path of what belongs to a model's text: without its weights where they are in files of their own.
    ///
    /// - Throws: as `model`.
    public func textFiles(_ name: HubModelName, revision: HubRevision = .main) async throws -> String {
        try await path(of: name, revision, for: .text)
    }

    private func path(
        of name: HubModelName,
        _ revision: HubRevision,
        for purpose: ModelFiles.Purpose,
    ) async throws -> String {
        let cache = RepositoryCache(cache: settings.cache, repository: name.repository)
        let cached = CachedModel(cache: cache, name: name, revision: revision, purpose: purpose)
        if settings.isOffline { return try cached.path() }
        // A commit never changes: one that is complete needs no question.
        if revision.commit != nil, let path = try? cached.path() { return path }
        let transport = try HubTransport(settings: settings, userAgent: userAgent)
        do {
            let client = HubClient(transport: transport, repository: name.repository)
            let path = try await fetch(name, revision, for: purpose, client, cache, cached)
            await transport.shutdown()
            return path
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    private func fetch(
        _ name: HubModelName,
        _ revision: HubRevision,
        for purpose: ModelFiles.Purpose,
        _ client: HubClient,
        _ cache: RepositoryCache,
        _ cached: CachedModel,
    ) async throws -> String {
        let listing: RepositoryListing
        do {
            listing = try await self.listing(revision, client, cached)
        } catch let error as HubError {
            guard cached.mayStandIn(for: error), let path = try? cached.path() else { throw error }
            listener.note("\(error); taking what is in \(settings.cache)")
            return path
        }
        let download = SnapshotDownload(
            client: client,
            cache: cache,
            commit: listing.commit,
            pace: pace,
            progress: listener.progress
        )
        // Both only save questions later, and a cache that is complete may be on a disk that can't be written.
        try? cache.remember(listing)
        let files = try await download.all(ModelFiles(name, in: listing, for: purpose), in: listing)
        try? cache.remember(revision, is: listing.commit)
        return files.path(in: cache, listing.commit)
    }

    /// Asks once when there is something to fall back on, and with patience otherwise.
    private func listing(
        _ revision: HubRevision,
        _ client: HubClient,
        _ cached: CachedModel,
    ) async throws -> RepositoryListing {
        do {
            return try await client.listing(revision)
        } catch let error as HubError where error.isTransient {
            if (try? cached.path()) != nil { throw error }
            try await pace.wait(after: error, failures: 1)
            return try await pace.retrying { try await client.listing(revision) }
        }
    }
}
