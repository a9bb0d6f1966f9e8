internal import CommandSupport
internal import Glibc
internal import Logging
internal import Parallel

/// What a process does that is one of several ranks and not the first: it loads its part of the model and computes what
/// rank 0 asks for.
///
/// It ends with the others. Signals are rank 0's to take: a terminal sends them to all.
struct RankDuty {
    private let configuration: ServeConfiguration
    private let start: RankStart
    private let logger: Logger

    /// The duty of a rank that hasn't met the others.
    init(_ configuration: ServeConfiguration, _ start: RankStart, _ logger: Logger) {
        self.configuration = configuration
        self.start = start
        self.logger = logger
    }

    /// Works until rank 0 says that the work is done.
    ///
    /// - Throws: an error for people when this rank can't work; the process ends when another one is lost.
    func run() async throws {
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_IGN) }
        let finder = ModelFinder(logger: logger)
        let path = try await finder.path(configuration.model, configuration.revision, for: .serving)
        let tokenizer: String? =
            if let name = configuration.tokenizer { try await finder.path(name, nil, for: .text) } else { nil }
        try await ThreadOfItsOwn.run { [self] in
            let ranks = try RankMembership.join(start, logger) { [logger] loss in
                // Other threads may be in the middle of anything.
                logger.error("ending: \(loss)")
                _exit(1)
            }
            do {
                let loading = ModelLoading(
                    configuration: configuration,
                    chatTemplate: nil,
                    ranks: ranks,
                    logger: logger
                )
                try loading.work(path: path, tokenizer: tokenizer)
                ranks.finish()
            } catch {
                // Rank 0 tells the others, and the watch ends this process.
                ranks.fail("\(error)")
            }
        }
    }
}
