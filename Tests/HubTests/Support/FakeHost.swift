import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on a free port of the loopback that answers as it is told, lies and broken connections included.
final class FakeHost: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        var uri: String
        var headers: HTTPHeaders

        /// Where in a file the answer should begin.
        var rangeStart: Int? {
            headers.first(name: "Range").flatMap { Int($0.dropFirst("bytes=".count).dropLast()) }
        }
    }

    /// An end of the connection in the middle of a body, once the client has taken what came before.
    struct Cut: Sendable {
        var after: Int
        var isTaken: @Sendable () -> Bool
    }

    struct Reply: Sendable {
        var status = 200
        var headers: HTTPHeaders = [:]
        var body: [UInt8] = []
        /// Where the connection ends.
        var cut: Cut?

        static func json(_ text: String, _ status: Int = 200, _ headers: HTTPHeaders = [:]) -> Reply {
            Reply(status: status, headers: headers, body: Array(text.utf8))
        }

        static func status(_ status: Int, _ headers: HTTPHeaders = [:]) -> Reply {
            Reply(status: status, headers: headers)
        }

        static func redirect(to location: String, _ headers: HTTPHeaders = [:]) -> Reply {
            var headers = headers
            headers.add(name: "Location", value: location)
            return Reply(status: 302, headers: headers)
        }
    }

    /// Answers everything alike.
    static func always(_ reply: Reply) -> @Sendable (Request) -> Reply {
        { _ in reply }
    }

    private let channel: any Channel
    private let record: Record

    private init(channel: any Channel, record: Record) {
        self.channel = channel
        self.record = record
    }

    /// All requests until now.
    var requests: [Request] { record.requests.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// Runs a server for the length of the body.
    @discardableResult
    static func run<Value: Sendable>(
        _ answer: @escaping @Sendable (Request) -> Reply,
        _ body: (FakeHost) async throws -> Value,
    ) async throws -> Value {
        let record = Record()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering(record: record, answer: answer))
                }
            }
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        let host = FakeHost(channel: channel, record: record)
        do {
            let value = try await body(host)
            try await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

private final class Record: Sendable {
    let requests = Mutex<[FakeHost.Request]>([])
}

private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let record: Record
    private let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply
    private var head: HTTPRequestHead?

    init(record: Record, answer: @escaping @Sendable (FakeHost.Request) -> FakeHost.Reply) {
        self.record = record
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            let request = FakeHost.Request(method: head.method, uri: head.uri, headers: head.headers)
            record.requests.withLock { $0.append(request) }
            write(answer(request), to: head, context)
        }
    }

    private func write(_ reply: FakeHost.Reply, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var headers = reply.headers
        if !headers.contains(name: "Content-Length") && !headers.contains(name: "Transfer-Encoding") {
            headers.add(name: "Content-Length", value: "\(reply.body.count)")
        }
        let status = HTTPResponseStatus(statusCode: reply.status)
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
            promise: nil
        )
        if request.method != .HEAD {
            let bytes = reply.body.prefix(reply.cut?.after ?? reply.body.count)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        }
        if let cut = reply.cut {
            context.flush()
            Self.close(context.channel, when: cut.isTaken)
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private static func close(_ channel: any Channel, when isTaken: @escaping @Sendable () -> Bool) {
        if isTaken() {
            channel.close(promise: nil)
        } else {
            channel.eventLoop.scheduleTask(in: .milliseconds(2)) { close(channel, when: isTaken) }
        }
    }
}
