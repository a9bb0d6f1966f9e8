internal import ArgumentParser
internal import Checkpoints
internal import CommandSupport
internal import EngineCache
internal import Foundation

/// `cache list|clear`: the engines that starts have left.
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Lists or removes the engines that are cached.",
        subcommands: [List.self, Clear.self],
    )

    /// The cache that the environment says.
    ///
    /// - Throws: `StartupError` when there is no place for it.
    static func cache() throws -> EngineCache {
        guard let settings = try CacheSettings(environment: ProcessInfo.processInfo.environment) else {
            throw StartupError.invalid("there is no place for a cache: set \(CacheSettings.directoryVariable) or HOME")
        }
        return EngineCache(settings)
    }

    /// `cache list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the engines that are cached, the one used last first.",
        )

        func run() throws {
            let cache = try CacheCommand.cache()
            let engines = cache.list()
            var text = "\(cache.settings.directory): \(engines.count) engines"
            text += ", \(ByteSize(engines.reduce(0) { $0 + $1.byteCount }))\n"
            for engine in engines {
                let used = Date(timeIntervalSince1970: TimeInterval(engine.lastUse)).ISO8601Format()
                let name = engine.summary.map { $0.modelName ?? "unnamed model" } ?? "damaged"
                let built = engine.summary.map { "  \($0.facts.quantization), \($0.facts.writer)" } ?? ""
                let key = engine.directory.split(separator: "/").last ?? ""
                text += "\(key.prefix(12))  \(used)  \(ByteSize(engine.byteCount))  \(name)\(built)\n"
            }
            try StandardStreams.write(Array(text.utf8))
        }
    }

    /// `cache clear`.
    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes all engines that are cached.")

        func run() throws {
            let removed = try CacheCommand.cache().clear()
            try StandardStreams.write(Array("removed \(removed.count) engines, \(ByteSize(removed.byteCount))\n".utf8))
        }
    }
}
