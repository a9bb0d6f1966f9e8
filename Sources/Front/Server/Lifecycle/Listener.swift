import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// One listening socket.
struct Listener: Sendable {
    /// What its connections are made with.
    struct Setup: Sendable {
        var responder: Responder
        var connections: OpenConnections
        var logger: Logger
        /// Of each event loop.
        var turns: [ObjectIdentifier: NIOLoopBound<Turns>]
        /// Takes a request to a task; `false` when there are none any more.
        var deliver: @Sendable (ReceivedRequest) -> Bool
    }

    /// Bytes of one read; what a client sends ahead of its answers is held up to this, as requests.
    private static let readBytes = 8 << 10
    /// What the kernel holds of a client that isn't read from.
    private static let receiveBufferBytes: SocketOptionValue = 256 << 10

    private let channel: any Channel

    /// The port it has.
    var port: Int { channel.localAddress?.port ?? 0 }

    /// Binds the address and begins to accept.
    ///
    /// - Throws: `ServingError.bindFailed`.
    init(address: String, port: Int, group: any EventLoopGroup, _ setup: Setup) async throws(ServingError) {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // One at a time, so that the limit of connections is exact.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let gate = AcceptGate(setup.connections, logger: setup.logger)
                    try channel.pipeline.syncOperations.addHandler(gate)
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.socketOption(.so_rcvbuf), value: Self.receiveBufferBytes)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.readBytes))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Self.addHandlers(to: channel, setup) }
            }
        do {
            channel = try await bootstrap.bind(host: address, port: port).get()
        } catch {
            let host = setup.responder.configuration.host
            throw .bindFailed(host: host, port: port, reason: Self.reason(error))
        }
    }

    /// Waits until the socket is closed or the waiting task is cancelled.
    func waitUntilClosedOrCancelled() async {
        let closed = Signal<Void>()
        channel.closeFuture.whenComplete { _ in closed.send(()) }
        _ = await closed.wait()
    }

    /// Accepts no more.
    func close() async { try? await channel.close() }

    private static func addHandlers(to channel: any Channel, _ setup: Setup) throws {
        let timings = ConnectionTimings(setup.responder.configuration)
        let turns = setup.turns[ObjectIdentifier(channel.eventLoop)]?.value ?? Turns(on: channel.eventLoop)
        let logger = setup.logger
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(
            SocketWatch(timeout: timings.unread) {
                logger.debug("a client took nothing of its answers for too long; its connection is closed")
            }
        )
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: true,
            withErrorHandling: false,
            withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: HeadLimits.configuration,
        )
        try pipeline.addHandler(ConnectionHandler(setup.responder, timings, turns, deliver: setup.deliver))
        try pipeline.addHandler(StreamComments(timings))
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        return "\(error)"
    }
}
