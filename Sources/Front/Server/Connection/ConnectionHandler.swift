import HTTPTypes
import NIOCore
import NIOHTTP1
import OpenAIProtocol

/// One connection: requests in, one after the other, their answers out; everything here is on its event loop.
///
///     head -> Responder.verdict -> a reply at once
///                               -> body -> ReceivedRequest -> a task, which writes `AnswerPart`s
///
/// NIO's pipelining handler, before this one, holds a request back, and stops reading, until the one before is answered.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = AnswerPart
    typealias OutboundOut = HTTPServerResponsePart

    private let responder: Responder
    private let timings: ConnectionTimings
    private let turns: Turns
    private let deliver: @Sendable (ReceivedRequest) -> Bool
    private var exchange: Exchange?
    private var intake: BodyIntake?
    /// A reply that waits for its turn, or for the client to take what is written.
    private var heldReply: Reply?
    private var isClosing = false
    /// The request now delivered was sent before the last one was answered.
    private var isSentAhead = false
    private var hasClientEnded = false
    /// When the last answer's end is with the socket.
    private var lastEnd: EventLoopFuture<Void>?
    private let deadline = Deadline()

    /// - Parameter deliver: Takes a request to a task; `false` when there are none any more.
    init(
        _ responder: Responder,
        _ timings: ConnectionTimings,
        _ turns: Turns,
        deliver: @escaping @Sendable (ReceivedRequest) -> Bool
    ) {
        self.responder = responder
        self.timings = timings
        self.turns = turns
        self.deliver = deliver
    }

    func channelActive(context: ChannelHandlerContext) {
        awaitRequest(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        deadline.drop()
        intake = nil
        heldReply = nil
        exchange?.presence?.leave()
        exchange = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let part): take(part, context)
        case .end: requestEnded(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { writeHeldReply(context) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ClientClosedItsSide { clientEnded(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // After an error the parser has one more for whatever else arrives.
        guard !isClosing, heldReply == nil else { return }
        guard let error = error as? HTTPParserError, exchange?.isAnswerBegun != true, exchange?.presence == nil else {
            return context.close(promise: nil)
        }
        if exchange == nil { exchange = Exchange(unreadable: ()) }
        replyAtOnce(Reply(error), ending: true, context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard exchange != nil, !isClosing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .whole(let reply): write(reply, context, promise)
        case .head(let response): writeHead(response, context, promise)
        case .body where exchange?.isHead == true: promise?.succeed()
        case .body(let buffer): context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
        case .end: writeEnd(context, promise)
        }
    }
}

// MARK: the request

extension ConnectionHandler {
    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        exchange = Exchange(head)
        schedule(timings.body, context) { self.bodyTookTooLong(context) }
        let target = responder.target(of: head)
        exchange?.target = target
        switch responder.verdict(on: head, for: target) {
        case .reply(let reply): replyAtOnce(reply, ending: exchange?.awaitsContinue == true, context)
        case .work(let work): beginIntake(work, head, context)
        }
    }

    private func beginIntake(_ work: Responder.Work, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let intake = BodyIntake(work, limit: responder.configuration.maxBodyBytes)
        do throws(BodyIntake.Refusal) {
            try intake.check(announced: head.headers.first(name: "content-length").flatMap { Int($0) })
        } catch {
            return refuse(error, context)
        }
        self.intake = intake
        guard exchange?.awaitsContinue == true else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    /// Parts of a body that nobody takes are read and forgotten, so that the client reads its answer.
    private func take(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
        do throws(BodyIntake.Refusal) {
            try intake?.append(part)
        } catch {
            refuse(error, context)
        }
    }

    private func refuse(_ refusal: BodyIntake.Refusal, _ context: ChannelHandlerContext) {
        intake = nil
        let errors = exchange?.errors ?? .openAI
        let reply = Reply(refusal, as: errors, retryAfter: responder.configuration.retryAfter)
        replyAtOnce(reply, ending: exchange?.awaitsContinue == true, context)
    }

    private func requestEnded(_ context: ChannelHandlerContext) {
        deadline.drop()
        exchange?.isRequestEnded = true
        if let intake { return hand(intake, context) }
        if exchange?.isAnswerEnded == true { nextExchange(context) }
    }

    private func hand(_ intake: BodyIntake, _ context: ChannelHandlerContext) {
        self.intake = nil
        let client = Client(channel: context.channel, wantsHead: exchange?.isHead == true)
        exchange?.presence = client.presence
        let request = intake.received(from: client, id: exchange?.id ?? "")
        guard deliver(request) else {
            exchange?.presence = nil
            return replyAtOnce(responder.refusal(.draining, as: request.endpoint.errors), ending: true, context)
        }
    }

    /// The client closed its sending side: it gets what is ready, and nothing is worked on for it any more.
    private func clientEnded(_ context: ChannelHandlerContext) {
        hasClientEnded = true
        if isClosing { return context.close(promise: nil) }
        if let heldReply, exchange?.isRequestEnded == true {
            exchange?.endConnection()
            self.heldReply = nil
            return write(heldReply, context, nil)
        }
        guard exchange == nil else { return context.close(promise: nil) }
        closeWhenFlushed(context)
    }
}

// MARK: the answer

extension ConnectionHandler {
    /// Replies without a task: soon, since the handlers before this one are in the middle of delivering the request.
    private func replyAtOnce(_ reply: Reply, ending: Bool, _ context: ChannelHandlerContext) {
        intake = nil
        heldReply = reply
        if ending { exchange?.endConnection() }
        if isSentAhead { return turns.wait { self.writeHeldReply(context) } }
        context.eventLoop.assumeIsolated().execute { self.writeHeldReply(context) }
    }

    private func writeHeldReply(_ context: ChannelHandlerContext) {
        guard let heldReply, !isClosing, context.channel.isWritable else { return }
        self.heldReply = nil
        write(heldReply, context, nil)
    }

    private func write(_ reply: Reply, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        let hasBody = exchange?.isHead == false && !reply.body.isEmpty
        writeHead(reply.head, context, nil)
        if hasBody {
            let body = context.channel.allocator.buffer(bytes: reply.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        writeEnd(context, promise)
    }

    private func writeHead(
        _ response: HTTPResponse,
        _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>?
    ) {
        guard var exchange else { return }
        if responder.state.isDraining { exchange.endConnection() }
        exchange.count(response.status.code, in: responder.metrics)
        exchange.isAnswerBegun = true
        let head = exchange.head(of: response, hosts: responder.hosts)
        self.exchange = exchange
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }

    /// Our state changes first: writing the end has the next request delivered before it returns.
    private func writeEnd(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        exchange?.presence = nil
        exchange?.isAnswerEnded = true
        let ends = exchange?.keepsConnection != true
        if ends {
            isClosing = true
            exchange = nil
        } else if exchange?.isRequestEnded == true {
            nextExchange(context)
        }
        let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
        lastEnd = promise.futureResult
        isSentAhead = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
        isSentAhead = false
        if ends { closeWhenFlushed(context) }
    }

    private func nextExchange(_ context: ChannelHandlerContext) {
        exchange = nil
        awaitRequest(context)
    }
}

// MARK: deadlines and the end

extension ConnectionHandler {
    private func awaitRequest(_ context: ChannelHandlerContext) {
        schedule(timings.idle, context) { context.close(promise: nil) }
    }

    private func bodyTookTooLong(_ context: ChannelHandlerContext) {
        guard exchange?.isAnswerBegun == false, heldReply == nil else { return context.close(promise: nil) }
        let message = "the request body took longer than \(timings.body.nanoseconds / 1_000_000) ms to arrive"
        let error = ErrorBody(status: 408, message: message, type: "RequestTimeoutError")
        replyAtOnce(Reply(error: error, as: exchange?.errors ?? .openAI), ending: true, context)
    }

    /// Closes our side once everything is written, and the connection when the client has closed its own.
    ///
    /// Closing both at once would discard the last answer if the client is still sending.
    private func closeWhenFlushed(_ context: ChannelHandlerContext) {
        isClosing = true
        deadline.drop()
        let flushed = lastEnd ?? context.eventLoop.makeSucceededVoidFuture()
        flushed.assumeIsolated().whenComplete { _ in
            guard !self.hasClientEnded else { return context.close(promise: nil) }
            context.close(mode: .output, promise: nil)
            self.schedule(self.timings.linger, context) { context.close(promise: nil) }
        }
    }

    private func schedule(_ delay: TimeAmount, _ context: ChannelHandlerContext, _ act: @escaping () -> Void) {
        deadline.set(in: delay, on: context.eventLoop, act)
    }
}
