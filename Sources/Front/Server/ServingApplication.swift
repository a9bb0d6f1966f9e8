import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import OpenAIProtocol
public import ServiceLifecycle

/// The HTTP server: it listens before there is a model, says how loading goes, serves, drains and ends.
///
///     bytes -> Resource -> request -> GenerationRequest -> stream of events -> chunks -> bytes
///
/// A program runs it as a service, waits for `waitUntilBound`, loads its model, and hands it over with `becomeReady`.
public final class ServingApplication: Service, Sendable {
    private let configuration: ServingConfiguration
    private let logger: Logger
    private let state: ServingState
    private let reportMemory: ByteBudget
    private let bound = Signal<Result<Int, ServingError>>()
    private let shutdown = Signal<Void>()

    /// A server that isn't running yet.
    public init(configuration: ServingConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = ServingState(stallTimeout: configuration.stallTimeout)
        reportMemory = ByteBudget(bytes: configuration.limits.logitBytes)
    }

    /// The port listened on, once it is.
    ///
    /// - Throws: `ServingError.bindFailed` when the address can't be had, `CancellationError` when the task is cancelled.
    @discardableResult
    public func waitUntilBound() async throws -> Int {
        guard let result = await bound.wait() else { throw CancellationError() }
        return try result.get()
    }

    /// Says how far loading is, for `/health` and refused requests.
    public func report(progress: String) { state.report(progress: progress) }

    /// Begins to serve a model.
    public func becomeReady(_ model: ServingModel) { state.becomeReady(model) }

    /// Begins to drain, as the service's graceful shutdown does: new requests are refused, running ones may finish.
    public func beginShutdown() {
        state.beginDraining()
        shutdown.send(())
    }

    /// Listens at once, and serves until a graceful shutdown has drained, or the task is cancelled.
    ///
    /// - Throws: `ServingError.bindFailed` when the address can't be had.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopThreads)
        do {
            try await serve(on: group)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(on group: any EventLoopGroup) async throws {
        let listeners: [Listener]
        do throws(ServingError) {
            listeners = try await listen(on: group)
        } catch {
            bound.send(.failure(error))
            throw error
        }
        let port = listeners.first?.port ?? configuration.port
        logger.info("Listening on \(configuration.host):\(port)")
        bound.send(.success(port))
        await waitForShutdown(or: listeners)
        state.beginDraining()
        await drain()
        await withTaskGroup(of: Void.self) { group in
            for listener in listeners { group.addTask { await listener.stop(patience: .seconds(1)) } }
        }
    }

    /// Both loopback addresses for `localhost`, one socket for anything else.
    private func listen(on group: any EventLoopGroup) async throws(ServingError) -> [Listener] {
        let isLocal = configuration.host == "localhost"
        let first = try await listener(at: isLocal ? "127.0.0.1" : configuration.host, configuration.port, group)
        guard isLocal else { return [first] }
        do throws(ServingError) {
            return [first, try await listener(at: "::1", first.port, group)]
        } catch {
            logger.debug("Not listening on [::1]: \(error)")
            return [first]
        }
    }

    private func listener(
        at address: String,
        _ port: Int,
        _ group: any EventLoopGroup,
    ) async throws(ServingError) -> Listener {
        let responder = Responder(
            configuration: configuration,
            state: state,
            metrics: metrics,
            logger: logger,
            reportMemory: reportMemory,
        )
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        return try await Listener(
            address: address,
            port: port,
            configuration: configuration,
            group: group,
            logger: quiet,
        ) { request, writer, channel in
            try await responder.respond(to: request, writer: writer, channel: channel)
        }
    }

    private let metrics = RequestMetrics()

    /// Returns at a graceful shutdown, a cancellation, or when a listener ended by itself.
    private func waitForShutdown(or listeners: [Listener]) async {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = await self.shutdown.wait() }
                for listener in listeners { group.addTask { await listener.waitUntilClosedOrCancelled() } }
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.beginShutdown()
        }
    }

    /// Returns when running requests have ended or have had their time.
    private func drain() async {
        let limit = Duration.seconds(configuration.drainTimeout)
        let hasEnded = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.state.waitUntilIdle()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            let first = await group.next() ?? true
            group.cancelAll()
            return first
        }
        if !hasEnded {
            logger.warning("Requests were still running after \(configuration.drainTimeout) s; ending them")
        }
    }
}
