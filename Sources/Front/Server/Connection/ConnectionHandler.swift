import HTTPTypes
import NIOCore
import NIOHTTPTypes
import OpenAIProtocol

/// What must happen on a connection whatever its request's task is waiting for; everything here is on its event loop.
///
/// - The client closes its side: the request's task is told at once, streaming or not.
/// - A stream is silent: comment lines keep proxies and clients from giving up.
/// - A body drips in too slowly: the answer is a 408.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let timings: ConnectionTimings
    private var presence: ClientPresence?
    private var isInputClosed = false
    private var hasResponseBegun = false
    private var bodyDeadline: Scheduled<Void>?
    private var nextComment: Scheduled<Void>?
    private var lastWrite = NIODeadline.now()
    private var silenceLimit = TimeAmount.zero

    init(_ timings: ConnectionTimings) { self.timings = timings }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            hasResponseBegun = false
            bodyDeadline?.cancel()
            bodyDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: timings.body) {
                self.bodyTookTooLong(context)
            }
        case .body: break
        case .end:
            bodyDeadline?.cancel()
            bodyDeadline = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        lastWrite = .now()
        switch unwrapOutboundIn(data) {
        case .head(let head):
            hasResponseBegun = head.status.kind != .informational
            if head.headerFields[.contentType]?.hasPrefix("text/event-stream") == true {
                silenceLimit = timings.firstComment
                scheduleComment(context, in: silenceLimit)
            }
        case .body: silenceLimit = timings.comment
        case .end:
            nextComment?.cancel()
            nextComment = nil
            presence = nil
        }
        context.write(data, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let presence = event as? ClientPresence else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        self.presence = presence
        if isInputClosed || !context.channel.isActive { presence.leave() }
        promise?.succeed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { clientLeft() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        clientLeft()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        clientLeft()
        bodyDeadline?.cancel()
        nextComment?.cancel()
    }

    private func clientLeft() {
        isInputClosed = true
        presence?.leave()
        presence = nil
    }

    private func scheduleComment(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        nextComment?.cancel()
        nextComment = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.commentIfSilent(context) }
    }

    private func commentIfSilent(_ context: ChannelHandlerContext) {
        let silence = NIODeadline.now() - lastWrite
        guard silence >= silenceLimit else { return scheduleComment(context, in: silenceLimit - silence) }
        // A client that doesn't even read what it was sent isn't waiting for us.
        if context.channel.isWritable {
            let comment = context.channel.allocator.buffer(bytes: ServerSentEvent.comment)
            context.writeAndFlush(wrapOutboundOut(.body(comment)), promise: nil)
        }
        lastWrite = .now()
        silenceLimit = timings.comment
        scheduleComment(context, in: silenceLimit)
    }

    private func bodyTookTooLong(_ context: ChannelHandlerContext) {
        bodyDeadline = nil
        if !hasResponseBegun {
            let message = "the request body took longer than \(timings.body.nanoseconds / 1_000_000) ms to arrive"
            let error = ErrorBody(status: 408, message: message, type: "RequestTimeoutError")
            let reply = Reply(error: error).closing
            context.write(wrapOutboundOut(.head(reply.head)), promise: nil)
            context.write(wrapOutboundOut(.body(context.channel.allocator.buffer(bytes: reply.body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.close(promise: nil)
    }
}
