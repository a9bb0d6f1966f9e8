import Engine
import Foundation
import Glibc
import Logging
import OpenAIProtocol

/// Takes profiles of the engine's iterations, one at a time, and writes each to a file of its own.
actor Profiling {
    /// A profile that is being taken.
    private struct Running {
        var path: String
        var profiler: EngineProfiler
        var window: Int
        /// Ends when the file is whole, with the error if it can't be.
        var written: AsyncThrowingStream<Never, any Error>
    }

    private let directory: String?
    private let background: BackgroundWork
    /// Where files are written, away from the threads that others wait for.
    private let threads: WorkThreads
    private let logger: Logger
    private var running: Running?

    /// Profiles of a server; none can be taken without a directory.
    init(directory: String?, background: BackgroundWork, threads: WorkThreads, logger: Logger) {
        self.directory = directory
        self.background = background
        self.threads = threads
        self.logger = logger
    }

    /// Begins to take a profile, which ends by itself when it has the iterations that are wanted.
    ///
    /// - Returns: the file that it is written to.
    /// - Throws: `ErrorBody` when there is no directory for it or the file can't be made.
    func start(_ request: ProfileRequest, _ model: ServingModel) async throws -> String? {
        guard let directory else {
            let message = "profiles can't be taken unless the server is started with --profile_dir"
            throw ErrorBody(status: 403, message: message, type: "PermissionDeniedError")
        }
        let path = "\(directory)/profile-\(Int(model.clock.wallSeconds() * 1000)).json"
        guard let window = model.profiler.start(first: request.firstIteration, count: request.iterations) else {
            return nil
        }
        let file: FileHandle
        do {
            file = try Self.made(path)
        } catch {
            model.profiler.stop(window.id)
            throw Self.failure(path, error)
        }
        let (written, ending) = AsyncThrowingStream<Never, any Error>.makeStream()
        running = Running(path: path, profiler: model.profiler, window: window.id, written: written)
        background.start { [threads, logger] in
            do {
                try await withTaskExecutorPreference(threads.executor(forBodyOf: .max)) {
                    try await Self.write(window.profiles, to: file)
                }
                ending.finish()
            } catch {
                model.profiler.stop(window.id)
                logger.error("\(path) couldn't be written: \(error)")
                ending.finish(throwing: error)
            }
        }
        return path
    }

    /// Ends the profile that is being taken, or was taken to its end and not asked for yet.
    ///
    /// - Returns: its file; `nil` when there is none.
    /// - Throws: `ErrorBody` when the file couldn't be written.
    func stop() async throws -> String? {
        guard let running else { return nil }
        self.running = nil
        running.profiler.stop(running.window)
        do {
            for try await _ in running.written {}
        } catch {
            throw Self.failure(running.path, error)
        }
        return running.path
    }

    private static func made(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func failure(_ path: String, _ error: any Error) -> ErrorBody {
        ErrorBody(status: 500, message: "\(path) couldn't be written: \(error)", type: "InternalServerError")
    }

    /// Writes iterations as they end, and the end of the file behind the last.
    private static func write(_ profiles: AsyncStream<IterationProfile>, to file: FileHandle) async throws {
        try file.write(contentsOf: Data(IterationProfile.traceBegin.utf8))
        var origin: Double?
        for await profile in profiles {
            let start = origin ?? profile.begin
            origin = start
            try file.write(contentsOf: Data(profile.traceEvents(origin: start).utf8))
        }
        try file.write(contentsOf: Data(IterationProfile.traceEnd.utf8))
    }
}
