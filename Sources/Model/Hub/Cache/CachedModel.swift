/// What the cache has of a model, without asking anybody.
struct CachedModel: Sendable {
    let cache: RepositoryCache
    let name: HubModelName
    let revision: HubRevision
    let purpose: ModelFiles.Purpose

    /// The path of the model, when all of it is there.
    ///
    /// What "all" is, is known from the remembered listing; in a cache of an older program it is what the files say:
    /// numbers in their names, and the index of the weights.
    ///
    /// - Throws: `HubError.notCached` with what is missing, or what the files' choice throws.
    func path() throws(HubError) -> String {
        guard let commit = cache.commit(revision) else { throw incomplete([]) }
        let remembered = cache.listing(commit)
        let listing = remembered ?? cache.filesPresent(commit)
        let files: ModelFiles
        do throws(HubError) {
            files = try self.files(in: listing)
        } catch {
            throw remembered == nil && error.meansThatNothingFits ? incomplete([]) : error
        }
        let missing = files.files.filter { !cache.has($0, commit) }
        guard missing.isEmpty else { throw incomplete(missing.map(\.path)) }
        if remembered == nil && files.opened == nil && !DescriptionFiles.areEnough(files.files) { throw incomplete([]) }
        return files.path(in: cache, commit)
    }

    private func files(in listing: RepositoryListing) throws(HubError) -> ModelFiles {
        let files = try ModelFiles(name, in: listing, for: purpose)
        guard let index = files.index else { return files }
        guard cache.has(index, listing.commit) else { throw incomplete([index.path]) }
        return try files.completed(by: cache, listing, repository: name.repository)
    }

    private func incomplete(_ missing: [String]) -> HubError {
        .notCached(repository: name.repository, revision: revision.text, missing: missing, cache: cache.cache)
    }

    /// Whether the hub's answer leaves open that the cache is right: it couldn't be asked, or doesn't show the repository
    /// to whoever asks now.
    func mayStandIn(for error: HubError) -> Bool {
        switch error {
        case .unreachable, .unavailable, .missingRepository, .gated, .invalidToken: true
        default: false
        }
    }
}

extension HubError {
    /// Whether it says that a listing lacks something, which a list of what happens to be there may.
    fileprivate var meansThatNothingFits: Bool {
        switch self {
        case .noModel, .pickledWeights, .missingFile: true
        case .noSuchQuantization(_, _, let matches, let choices): matches.isEmpty && choices.count < 2
        default: false
        }
    }
}
