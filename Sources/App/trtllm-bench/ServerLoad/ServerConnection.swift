internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// A connection that is kept between calls and opened again when the server has closed it.
struct ServerConnection {
    private let server: ServerAddress
    private let group: MultiThreadedEventLoopGroup
    private var channel: (any Channel)?

    init(to server: ServerAddress, group: MultiThreadedEventLoopGroup) {
        self.server = server
        self.group = group
    }

    /// Sends a request to `/v1` + `path` and waits for the whole answer.
    ///
    /// - Throws: `LoadTestError` without an answer, NIO's errors for one that isn't HTTP.
    mutating func call(_ method: HTTPMethod, _ path: String, body: [UInt8]? = nil) async throws -> ServerAnswer {
        let channel = try await openChannel()
        let answer = channel.eventLoop.makePromise(of: ServerAnswer.self)
        let call = ServerCall(
            method: method,
            path: server.prefix + "/v1" + path,
            body: body.map { channel.allocator.buffer(bytes: $0) },
            answer: answer
        )
        channel.writeAndFlush(call, promise: nil)
        return try await answer.futureResult.get()
    }

    /// Closes the connection.
    func close() async throws {
        if let channel, channel.isActive { try await channel.close() }
    }

    private mutating func openChannel() async throws -> any Channel {
        if let channel, channel.isActive { return channel }
        let authority = server.authority
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(ServerCallHandler(authority: authority))
                }
            }
        do {
            let opened = try await bootstrap.connect(host: server.host, port: server.port).get()
            channel = opened
            return opened
        } catch {
            throw LoadTestError.unreachable(server: server.text, reason: Self.reason(error))
        }
    }

    /// The last address that was tried tells why; the error itself lists all of them.
    private static func reason(_ error: any Error) -> String {
        guard let attempts = error as? NIOConnectionError else { return "\(error)" }
        guard let last = attempts.connectionErrors.last?.error else {
            return "\(attempts.dnsAError ?? attempts.dnsAAAAError ?? error)"
        }
        return (last as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(last)"
    }
}
