import Glibc
import HummingbirdCore
import Logging
import NIOCore

/// One listening socket and the connections that came through it.
struct Listener: Sendable {
    /// The port it has.
    let port: Int
    private let server: HummingbirdCore.Server<HTTP1Channel>
    private let task: Task<Void, any Error>
    private let closed: Signal<Void>

    /// Binds the address and begins to accept.
    ///
    /// - Throws: `ServingError.bindFailed`.
    init(
        address: String,
        port: Int,
        configuration: ServingConfiguration,
        group: any EventLoopGroup,
        logger: Logger,
        respond: @escaping HTTPChannelHandler.Responder,
    ) async throws(ServingError) {
        let bound = Signal<Result<Int, ServingError>>()
        let closed = Signal<Void>()
        let server = HummingbirdCore.Server(
            childChannelSetup: HTTP1Channel(responder: respond, configuration: Self.connections(configuration)),
            configuration: ServerConfiguration(address: .hostname(address, port: port), backlog: 1024),
            onServerRunning: { channel in bound.send(.success(channel.localAddress?.port ?? port)) },
            eventLoopGroup: group,
            logger: logger,
        )
        // Detached, so that a graceful shutdown of the service doesn't close the socket while requests are drained:
        // new ones are to be told so. `stop` ends it.
        let task = Task.detached {
            defer { closed.send(()) }
            do {
                try await server.run()
            } catch {
                let reason = Self.reason(error)
                bound.send(.failure(.bindFailed(host: configuration.host, port: port, reason: reason)))
                throw error
            }
        }
        self.server = server
        self.task = task
        self.closed = closed
        switch await bound.wait() {
        case .success(let port): self.port = port
        case .failure(let error): throw error
        case nil:
            task.cancel()
            throw .bindFailed(host: configuration.host, port: port, reason: "cancelled")
        }
    }

    /// Waits until the socket is closed and all connections have ended, or the waiting task is cancelled.
    func waitUntilClosedOrCancelled() async { _ = await closed.wait() }

    /// Closes the socket, then every connection once its answer is written, and after some seconds all.
    func stop(patience: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.shutdownGracefully() }
            group.addTask {
                try? await Task.sleep(for: patience)
                if !Task.isCancelled { task.cancel() }
            }
            await group.next()
            task.cancel()
            group.cancelAll()
        }
        _ = await task.result
    }

    private static func connections(_ configuration: ServingConfiguration) -> HTTP1Channel.Configuration {
        let timings = ConnectionTimings(configuration)
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionHandler(timings)],
            idleTimeout: .nanoseconds(Int64(configuration.idleTimeout * 1e9)),
        )
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        return "\(error)"
    }
}
