internal import Engine
internal import Glibc
internal import Logging
internal import Server
internal import ServiceLifecycle
internal import Synchronization

/// Loads the model once the port is bound, hands it to the server, and stops the engine when the server has drained.
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
        try? await gracefulShutdown()
        await loaded.engine.shutdown()
        logger.info("stopped")
    }

    /// Loading can't be interrupted and leaves nothing behind, so a shutdown during it ends the program.
    private func load() async throws -> ModelLoading.Loaded {
        let isLoading = Mutex(true)
        return try await withGracefulShutdownHandler {
            defer { isLoading.withLock { $0 = false } }
            let progress = LoadProgress(logger: logger)
            return try await ThreadOfItsOwn.run {
                try loading.load { share in
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
}
