internal import CommandSupport
internal import Engine
internal import Glibc
internal import Hub
internal import Logging
internal import Server
internal import ServiceLifecycle
internal import Synchronization

/// Finds and loads the model once the port is bound, hands it to the server, and stops the engine when the server has drained.
///
/// The first of the group's services, so that it is the last to be shut down.
struct LoaderService: Service {
    let application: ServingApplication
    let loading: ModelLoading
    let logger: Logger

    func run() async throws {
        try await application.waitUntilBound()
        let loaded = try await load()
        application.becomeReady(loaded.servingModel)
        logger.info("ready: serving \(loading.configuration.servedModelName)")
        loaded.keeper?.start()
        try? await gracefulShutdown()
        await loaded.keeper?.stop()
        await loaded.engine.shutdown()
        logger.info("stopped")
    }

    /// Loading can't be interrupted and leaves nothing behind but what was downloaded, so a shutdown during it ends the program.
    private func load() async throws -> ModelLoading.Loaded {
        let isLoading = Mutex(true)
        return try await withGracefulShutdownHandler {
            defer { isLoading.withLock { $0 = false } }
            let path = try await locate(loading.configuration.model, loading.configuration.revision, for: .serving)
            let tokenizer: String? =
                if let name = loading.configuration.tokenizer { try await locate(name, nil, for: .text) } else { nil }
            let progress = ProgressDisplay("loading") { [logger] line in logger.info("\(line)") }
            return try await ThreadOfItsOwn.run {
                try loading.load(path: path, tokenizer: tokenizer) { share in
                    progress.update(share)
                    application.report(progress: "loading the model: \(Int(share * 100)) %")
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

    /// Finds a model's files, downloading those that a hub has and the cache doesn't; what has come is kept.
    private func locate(
        _ model: String,
        _ revision: String?,
        for purpose: ModelLocation.Purpose,
    ) async throws -> String {
        let display = ProgressDisplay("downloading \(model)") { [logger] line in logger.info("\(line)") }
        let location = ModelLocation(model: model, revision: revision)
        let listener = ModelHub.Listener(
            note: { [logger] note in logger.warning("\(note)") },
            progress: { [application] progress in
                display.update(progress)
                application.report(progress: "downloading the model: \(Int(progress.share * 100)) %")
            }
        )
        return try await location.path(for: purpose, listener)
    }
}
