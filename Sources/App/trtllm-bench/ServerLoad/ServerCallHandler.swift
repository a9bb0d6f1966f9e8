internal import NIOCore
internal import NIOHTTP1

/// Sends calls, one at a time, and puts their answers together, on the connection's event loop.
final class ServerCallHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = ServerCall
    typealias OutboundOut = HTTPClientRequestPart

    private let authority: String
    private var call: ServerCall?
    private var answer = ServerAnswer(times: RequestTimes())
    private var scanner = EventScanner()
    private var staysOpen = true

    init(authority: String) { self.authority = authority }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let call = unwrapOutboundIn(data)
        guard self.call == nil, context.channel.isActive else {
            call.answer.fail(LoadTestError.closedEarly(path: call.path))
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        self.call = call
        scanner = EventScanner()
        var fields: HTTPHeaders = ["host": authority, "accept": "*/*"]
        if let body = call.body {
            fields.add(name: "content-type", value: "application/json")
            fields.add(name: "content-length", value: String(body.readableBytes))
        }
        let head = HTTPRequestHead(version: .http1_1, method: call.method, uri: call.path, headers: fields)
        answer = ServerAnswer(times: RequestTimes())
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = call.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer.status = Int(head.status.code)
            answer.isEventStream = head.headers.first(name: "content-type")?.hasPrefix("text/event-stream") == true
            staysOpen = head.isKeepAlive
        case .body(let bytes): bytes.withUnsafeReadableBytes { take($0) }
        case .end:
            guard let call else { return }
            self.call = nil
            if !staysOpen { context.close(promise: nil) }
            call.answer.succeed(answer)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let call { fail(LoadTestError.closedEarly(path: call.path)) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    private func fail(_ error: any Error) {
        call?.answer.fail(error)
        call = nil
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard answer.isEventStream else {
            answer.body.append(contentsOf: bytes.prefix(ServerAnswer.longestBody - answer.body.count))
            return
        }
        // What comes in one piece has come at one time.
        let now = ContinuousClock.now
        scanner.scan(bytes) { finding in
            switch finding {
            case .piece: answer.times.pieces.append(now)
            case .usage(let count): answer.completionTokens = count
            case .failure(let message): answer.failure = answer.failure ?? message
            case .done: answer.isDone = true
            }
        }
    }
}
