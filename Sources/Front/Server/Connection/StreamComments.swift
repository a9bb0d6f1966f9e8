import HTTPTypes
import NIOCore
import OpenAIProtocol

/// Writes comment lines into a silent stream, which keep proxies and clients from giving up.
final class StreamComments: ChannelOutboundHandler {
    typealias OutboundIn = AnswerPart
    typealias OutboundOut = AnswerPart

    private let timings: ConnectionTimings
    private let next = Deadline()
    private var lastWrite = NIODeadline.now()
    private var silenceLimit = TimeAmount.zero

    init(_ timings: ConnectionTimings) { self.timings = timings }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        lastWrite = .now()
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if head.headerFields[.contentType]?.hasPrefix("text/event-stream") == true {
                silenceLimit = timings.firstComment
                schedule(context, in: silenceLimit)
            }
        case .body: silenceLimit = timings.comment
        case .whole, .end: next.drop()
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) { next.drop() }

    private func schedule(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        next.set(in: delay, on: context.eventLoop) { self.commentIfSilent(context) }
    }

    private func commentIfSilent(_ context: ChannelHandlerContext) {
        let silence = NIODeadline.now() - lastWrite
        guard silence >= silenceLimit else { return schedule(context, in: silenceLimit - silence) }
        lastWrite = .now()
        silenceLimit = timings.comment
        schedule(context, in: silenceLimit)
        // A client that doesn't even read what it was sent isn't waiting for us.
        if context.channel.isWritable {
            let comment = context.channel.allocator.buffer(bytes: ServerSentEvent.comment)
            context.writeAndFlush(wrapOutboundOut(.body(comment)), promise: nil)
        }
    }
}
