internal import Checkpoints
internal import CommandSupport
internal import EngineCache
internal import Foundation
internal import Logging
internal import Models

/// The engines of the default backend: what a start finds, and what it leaves for the next one.
struct CompiledEngines {
    private let cache: EngineCache
    private let path: String
    private let identity: CheckpointIdentity
    private let recipe: EngineRecipe
    private let logger: Logger

    /// The cached engines of the checkpoint at `path`; `nil` where none are kept.
    init?(path: String, quantization: String, logger: Logger) {
        let settings: CacheSettings?
        do {
            settings = try CacheSettings(environment: ProcessInfo.processInfo.environment)
        } catch {
            logger.warning("\(error); no engine is cached")
            return nil
        }
        guard let settings, let identity = CheckpointIdentity(path: path) else { return nil }
        cache = EngineCache(settings)
        self.path = path
        self.identity = identity
        recipe = EngineRecipe(writer: Self.writer, quantization: quantization)
        self.logger = logger
    }

    /// What this program calls itself in engines.
    private static let writer = "trtllm-serve \(programVersion)"

    /// The directory of the engine that an earlier start has left.
    func find() -> String? { cache.find(identity, recipe) }

    /// Checks that nothing of an engine was removed while it was loaded.
    ///
    /// - Throws: `StartupError.invalid` if it is gone.
    func checkStillThere(_ directory: String) throws(StartupError) {
        guard cache.isThere(directory) else { throw .invalid("\(directory) was removed meanwhile") }
    }

    /// Removes an engine that can't be loaded, if that is its fault: the next start makes another.
    func discard(_ directory: String, because error: any Error) {
        logger.warning("the cached engine can't be used and is built anew: \(error)")
        switch error {
        case ModelError.outOfMemory, CheckpointError.unreadable, ModelError.checkpoint(.unreadable), is StartupError:
            break
        default: cache.discard(directory)
        }
    }

    /// What keeps an engine of a loaded model, once the server is ready.
    func keeper(of model: DecoderModel, _ checkpoint: Checkpoint) -> EngineKeeper? {
        let facts = EngineFacts(writer: recipe.writer, quantization: recipe.quantization)
        do {
            let writer = try model.engineWriter(checkpoint, facts: facts)
            return EngineKeeper { goesOn in keep(writer, goesOn) }
        } catch {
            logger.notice("no engine is cached: \(error)")
            return nil
        }
    }

    private func keep(_ writer: EngineWriter, _ goesOn: () -> Bool) {
        let start = ContinuousClock.now
        switch cache.store(writer, of: path, identity, recipe, goesOn: goesOn) {
        case .written(let directory, let evicted):
            let seconds = (start.duration(to: .now) / .milliseconds(100)).rounded() / 10
            let others = evicted > 0 ? "; \(evicted) that were used longest ago are removed" : ""
            logger.info("the engine is cached: \(directory), \(ByteSize(writer.byteCount)), \(seconds) s\(others)")
        case .known(let directory): logger.info("the engine is cached already: \(directory)")
        case .skipped(let reason): logger.info("no engine is cached: \(reason)")
        }
    }
}
