public import Logging
import NIOCore
import NIOPosix
import OpenAIProtocol
import OrderedJSON
public import ServiceLifecycle

/// The HTTP server: it listens before there is a model, says how loading goes, serves, drains and ends.
///
///     bytes -> Endpoint -> request -> GenerationRequest -> stream of events -> chunks -> bytes
///
/// A program runs it as a service, waits for `waitUntilBound`, loads its model, and hands it over with `becomeReady`.
public final class ServingApplication: Service, Sendable {
    private let configuration: ServingConfiguration
    private let logger: Logger
    private let state: ServingState
    private let reportMemory: ByteBudget
    private let bound = Signal<Result<Int, ServingError>>()
    private let shutdown = Signal<Void>()
    private let metrics: RequestMetrics
    private let connections: OpenConnections
    private let pending: PendingBytes
    /// What clients have to take the ends of answers that the drain cut short.
    private static let patience = TimeAmount.seconds(2)

    /// A server that isn't running yet.
    public init(configuration: ServingConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        metrics = RequestMetrics(records: RequestRecordLog(capacity: configuration.timedRequests))
        state = ServingState(stallTimeout: configuration.stallTimeout)
        let limit = DescriptorLimit.room(forConnections: configuration.maxConnections)
        if limit < configuration.maxConnections {
            logger.notice("at most \(limit) connections: more descriptors can't be open (ulimit -n)")
        }
        pending = PendingBytes(limit: configuration.maxPendingBodyBytes)
        connections = OpenConnections(limit: limit, logger: logger)
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

    /// How many connections are open.
    package var openConnections: Int { connections.count }

    /// Bytes of the bodies being read or worked on and of the answers being taken.
    package var pendingBytes: Int { pending.current }

    /// Says how far loading is, for `/health` and refused requests.
    public func report(progress: String) { state.report(progress: progress) }

    /// Begins to serve a model.
    public func becomeReady(_ model: ServingModel) { state.becomeReady(model) }

    /// Refuses requests, and says why, until there is a model again: it can't be used any more.
    public func becomeUnready(reason: String) { state.becomeUnready(reason) }

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
        let threads = WorkThreads(count: max(2, System.coreCount))
        let result: Result<Void, any Error>
        do {
            result = .success(try await serve(on: group, threads))
        } catch {
            result = .failure(error)
        }
        await threads.stop()
        try? await group.shutdownGracefully()
        try result.get()
    }

    private func serve(on group: any EventLoopGroup, _ threads: WorkThreads) async throws {
        let responder = responder(threads)
        // Never more requests than connections: each delivers its next one when the last is answered.
        let (requests, delivery) = AsyncStream<ReceivedRequest>.makeStream()
        let setup = Listener.Setup(
            responder: responder,
            connections: connections,
            logger: logger,
            turns: try await turns(of: group),
            deliver: { request in
                if case .enqueued = delivery.yield(request) { return true }
                return false
            },
        )
        let listeners = try await bind(on: group, setup)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.respond(to: requests, with: responder) }
            tasks.addTask { await responder.background.run() }
            await waitForShutdown(or: listeners)
            state.beginDraining()
            await drain()
            // Streams that still run end with an error, everything else with a 503, unless their clients don't read.
            tasks.cancelAll()
            let cut = group.next().scheduleTask(in: Self.patience) { [connections] in connections.closeAll() }
            await tasks.waitForAll()
            cut.cancel()
        }
        for listener in listeners { await listener.close() }
        connections.closeAll()
        await connections.waitUntilClosed()
    }

    private func turns(of group: any EventLoopGroup) async throws -> [ObjectIdentifier: NIOLoopBound<Turns>] {
        var turns: [ObjectIdentifier: NIOLoopBound<Turns>] = [:]
        for loop in group.makeIterator() {
            turns[ObjectIdentifier(loop)] =
                try await loop.submit { NIOLoopBound(Turns(on: loop), eventLoop: loop) }.get()
        }
        return turns
    }

    /// Works on all requests, each in a task, until cancelled.
    private func respond(to requests: AsyncStream<ReceivedRequest>, with responder: Responder) async {
        await withDiscardingTaskGroup { group in
            for await request in requests { group.addTask { await responder.respond(to: request) } }
        }
    }

    private func responder(_ threads: WorkThreads) -> Responder {
        let background = BackgroundWork()
        return Responder(
            configuration: configuration,
            endpoints: EndpointTable(configuration.endpoints),
            description: OpenAPIDocument(
                configuration.endpoints,
                limits: configuration.limits,
                version: configuration.version,
                hasKeys: !configuration.apiKeys.isEmpty,
            ).json.serialized,
            state: state,
            metrics: metrics,
            hosts: HostRule(
                listeningOn: configuration.host,
                allowedHosts: configuration.allowedHosts,
                corsOrigins: configuration.corsOrigins,
            ),
            keys: KeyRule(configuration.apiKeys),
            pending: pending,
            threads: threads,
            logger: logger,
            responses: ResponseStore(configuration.storedResponses),
            background: background,
            profiling: Profiling(
                directory: configuration.profileDirectory,
                background: background,
                threads: threads,
                logger: logger
            ),
            reportMemory: reportMemory,
        )
    }

    private func bind(on group: any EventLoopGroup, _ setup: Listener.Setup) async throws(ServingError) -> [Listener] {
        do throws(ServingError) {
            let listeners = try await listen(on: group, setup)
            let port = listeners.first?.port ?? configuration.port
            logger.info("Listening on \(configuration.host):\(port)")
            bound.send(.success(port))
            return listeners
        } catch {
            bound.send(.failure(error))
            throw error
        }
    }

    /// Both loopback addresses for `localhost`, one socket for anything else.
    private func listen(on group: any EventLoopGroup, _ setup: Listener.Setup) async throws(ServingError) -> [Listener]
    {
        let isLocal = configuration.host == "localhost"
        let address = isLocal ? "127.0.0.1" : configuration.host
        let first = try await Listener(address: address, port: configuration.port, group: group, setup)
        guard isLocal else { return [first] }
        do throws(ServingError) {
            return [first, try await Listener(address: "::1", port: first.port, group: group, setup)]
        } catch {
            logger.debug("Not listening on [::1]: \(error)")
            return [first]
        }
    }

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
