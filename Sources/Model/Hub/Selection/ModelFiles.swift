/// The files of a repository that make a model, and what to open of them.
struct ModelFiles: Sendable, Hashable {
    /// What somebody wants the model for.
    enum Purpose: Sendable, Hashable {
        /// To compute with it.
        case computing
        /// For its tokenizer and its chat template.
        case text
    }

    /// What is needed, smallest kinds first.
    var files: [RepositoryFile]
    /// The file that says in which files the weights are, when there are several; they are to be added.
    var index: RepositoryFile?
    /// What to open: a file of the snapshot, or `nil` for the snapshot's folder.
    var opened: RepositoryFile?
}

extension ModelFiles {
    /// Chooses: safetensors before GGUF, nothing else, unless a quantization is asked for.
    ///
    /// - Throws: `HubError` saying what is there instead.
    init(_ name: HubModelName, in listing: RepositoryListing, for purpose: Purpose) throws(HubError) {
        let weights = SafetensorsFiles(listing)
        let beside = listing.files.filter(DescriptionFiles.contains)
        if name.selector == nil, let weights {
            self.init(files: beside, index: purpose == .computing ? weights.index : nil)
            if purpose == .computing { files += weights.files }
            return
        }
        let models = GGUFModel.all(listing.files)
        if !models.isEmpty || name.selector != nil {
            let model = try GGUFModel.choose(from: models, selector: name.selector, repository: name.repository)
            self.init(files: model.files, opened: model.files.first)
            return
        }
        if purpose == .text && !beside.isEmpty {
            self.init(files: beside)
            return
        }
        if let pickled = listing.files.first(where: DescriptionFiles.isPickle) {
            throw .pickledWeights(repository: name.repository, file: pickled.path)
        }
        throw .noModel(repository: name.repository, files: listing.files.map(\.path))
    }
}

extension ModelFiles {
    /// With the files that the index names, which is in the cache.
    ///
    /// - Throws: `HubError` when the index can't be read or names what isn't there.
    func completed(
        by cache: RepositoryCache,
        _ listing: RepositoryListing,
        repository: String,
    ) throws(HubError) -> ModelFiles {
        guard let index else { return self }
        let bytes = try SmallFile.read(cache.link(index, listing.commit), limit: SafetensorsFiles.indexLimit)
        let weights = try SafetensorsFiles.named(by: bytes, in: listing, repository: repository)
        var completed = self
        completed.files += [index] + weights
        completed.index = nil
        return completed
    }

    /// What to open.
    func path(in cache: RepositoryCache, _ commit: String) -> String {
        opened.map { cache.link($0, commit) } ?? cache.snapshot(commit)
    }
}
