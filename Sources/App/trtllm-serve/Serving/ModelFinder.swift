internal import CommandSupport
internal import Hub
internal import Logging

/// Finds a model's files, downloading those that a hub has and the cache doesn't; what has come is kept.
struct ModelFinder {
    let logger: Logger

    /// Where the files are.
    ///
    /// - Parameter progress: Called with the share that has been downloaded.
    /// - Throws: an error for people when there is no such model, or it can't be downloaded.
    func path(
        _ model: String,
        _ revision: String?,
        for purpose: ModelLocation.Purpose,
        progress: @escaping @Sendable (Double) -> Void = { _ in },
    ) async throws -> String {
        let display = ProgressDisplay("downloading \(model)") { [logger] line in logger.info("\(line)") }
        let listener = ModelHub.Listener(
            note: { [logger] note in logger.warning("\(note)") },
            progress: { downloaded in
                display.update(downloaded)
                progress(downloaded.share)
            }
        )
        return try await ModelLocation(model: model, revision: revision).path(for: purpose, listener)
    }
}
