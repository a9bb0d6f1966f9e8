internal import CommandSupport
internal import Engine
internal import Glibc
internal import Hub
internal import Logging
internal import Models
internal import Parallel
internal import Server
internal import ServiceLifecycle
internal import Synchronization

/// Finds and loads the model once the port is bound, hands it to the server, and stops the engine when the server has drained.
///
/// The first of the group's services, so that it is the last to be shut down.
struct LoaderService: Service {
    let application: ServingApplication
    let loading: ModelLoading
    let start: RankStart
    let logger: Logger

    func run() async throws {
        try await application.waitUntilBound()
        var adapters: [AdapterSettings.Module]?
        while let loss = try await serveUntilLost(&adapters) {
            // Running requests have ended with this error; whoever looks sees why no others are taken.
            logger.error("\(loss)")
            guard start.canRestart else {
                try? await Task.sleep(for: Self.lastWords)
                throw loss
            }
            logger.info("starting all ranks again")
        }
        logger.info("stopped")
    }

    /// How long a server that has lost a rank says so before it ends.
    private static let lastWords = Duration.seconds(3)

    /// Loads and serves until the server is shut down.
    ///
    /// - Parameter adapters: Those that there were before a loss; `nil` at the start.
    /// - Returns: the loss of a rank, if that ends it.
    private func serveUntilLost(_ adapters: inout [AdapterSettings.Module]?) async throws -> CommunicatorError? {
        let loaded = try await load()
        let library = loaded.model.servingModel.adapters
        let lacking = try await add(
            adapters ?? loaded.model.adapters,
            to: library,
            loaded.ranks,
            mayLack: adapters != nil
        )
        application.becomeReady(loaded.model.servingModel)
        logger.info("ready: serving \(loading.configuration.servedModelName)")
        loaded.model.keeper?.start()
        guard let ranks = loaded.ranks else {
            try? await gracefulShutdown()
            await loaded.model.keeper?.stop()
            await loaded.model.engine.shutdown()
            return nil
        }
        if let loss = await Self.loss(of: ranks) {
            application.becomeUnready(reason: "\(loss)")
            // One that couldn't be loaded this time may be next time.
            let named =
                library?.entries.filter(\.isModel).map { AdapterSettings.Module(name: $0.name, path: $0.path) } ?? []
            adapters = named + lacking.filter { module in !named.contains { $0.name == module.name } }
            _ = await loaded.model.engine.drain(timeout: .seconds(5))
            await shutdownOrExit(loaded.model.engine)
            try await ThreadOfItsOwn.run { ranks.waitUntilEnded() }
            return loss
        }
        await loaded.model.engine.shutdown()
        try await stopOrExit(loaded.model.distributed)
        logger.info("\(ranks.figures.summary(iterations: loaded.model.engine.activity.iterations))")
        try await ThreadOfItsOwn.run { ranks.finish() }
        return nil
    }

    /// Loads adapters before anybody is served.
    ///
    /// - Parameter mayLack: Whether one that can't be loaded is only told of; it ends all ranks otherwise.
    /// - Returns: those that couldn't be loaded.
    private func add(
        _ modules: [AdapterSettings.Module],
        to library: AdapterLibrary?,
        _ ranks: RankMembership?,
        mayLack: Bool,
    ) async throws -> [AdapterSettings.Module] {
        var lacking: [AdapterSettings.Module] = []
        for module in modules {
            do {
                try await library?.add(name: module.name, path: module.path)
                logger.info("loaded the adapter \(module.name) from \(module.path)")
            } catch let error where mayLack {
                logger.error("\(error)")
                lacking.append(module)
            } catch {
                if let ranks { try await ThreadOfItsOwn.run { ranks.fail("\(error)") } }
                throw error
            }
        }
        return lacking
    }

    /// Tells other ranks that no call follows; one that still loads an adapter doesn't keep the program for ever.
    private func stopOrExit(_ model: DistributedModel?) async throws {
        let limit = exit(unlessCancelledWithin: .seconds(30), saying: "an adapter is still being loaded")
        try await ThreadOfItsOwn.run { model?.stop() }
        limit.cancel()
    }

    /// Ends the engine of lost ranks; a thread of it that hangs ends the program.
    private func shutdownOrExit(_ engine: EngineLoop) async {
        let limit = exit(unlessCancelledWithin: Self.lastWords, saying: "the engine hangs")
        await engine.shutdown()
        limit.cancel()
    }

    private func exit(unlessCancelledWithin time: Duration, saying reason: String) -> Task<Void, Never> {
        Task { [logger] in
            guard (try? await Task.sleep(for: time)) != nil else { return }
            logger.error("ending: \(reason)")
            _exit(1)
        }
    }

    /// The loss of a rank, or `nil` when the server is shut down before.
    private static func loss(of ranks: RankMembership) async -> CommunicatorError? {
        await withTaskGroup(of: CommunicatorError?.self) { group in
            group.addTask {
                for await loss in ranks.losses { return loss }
                return nil
            }
            group.addTask {
                try? await gracefulShutdown()
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// A model, and the ranks that compute it where there are several.
    private struct Loaded {
        var model: ModelLoading.Loaded
        var ranks: RankMembership?
    }

    /// Loading can't be interrupted and leaves nothing behind but what was downloaded, so a shutdown during it ends the program.
    private func load() async throws -> Loaded {
        let isLoading = Mutex(true)
        return try await withGracefulShutdownHandler {
            defer { isLoading.withLock { $0 = false } }
            let path = try await locate(loading.configuration.model, loading.configuration.revision, for: .serving)
            let tokenizer: String? =
                if let name = loading.configuration.tokenizer { try await locate(name, nil, for: .text) } else { nil }
            let progress = ProgressDisplay("loading") { [logger] line in logger.info("\(line)") }
            return try await ThreadOfItsOwn.run {
                var loading = loading
                loading.ranks = start.isShared ? try RankMembership.join(start, logger) : nil
                let ranks = loading.ranks
                do {
                    let model = try loading.load(path: path, tokenizer: tokenizer) { share in
                        progress.update(share)
                        application.report(progress: "loading the model: \(Int(share * 100)) %")
                    }
                    return Loaded(model: model, ranks: ranks)
                } catch {
                    // Whatever went wrong here because a rank is lost is told by its loss.
                    let loss = ranks?.world.communicator.interruption.error
                    ranks?.fail("\(error)")
                    throw loss ?? error
                }
            }
        } onGracefulShutdown: {
            if isLoading.withLock({ $0 }) {
                logger.info("stopped while loading")
                // Without what `exit` does for the code that other threads are in the middle of.
                _exit(0)
            }
        }
    }

    private func locate(
        _ model: String,
        _ revision: String?,
        for purpose: ModelLocation.Purpose,
    ) async throws -> String {
        try await ModelFinder(logger: logger).path(model, revision, for: purpose) { [application] share in
            application.report(progress: "downloading the model: \(Int(share * 100)) %")
        }
    }
}
