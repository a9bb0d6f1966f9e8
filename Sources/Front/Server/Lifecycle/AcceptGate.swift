import Logging
import NIOCore

/// Decides when a listening socket accepts: not beyond the limit of connections, and not while the system refuses.
///
/// The first handler of a listening channel. NIO goes on polling a socket whose `accept` failed for want of descriptors,
/// which would take a whole core; pausing its reading ends that.
final class AcceptGate: ChannelInboundHandler {
    typealias InboundIn = Channel
    typealias InboundOut = Channel

    private let connections: OpenConnections
    private let logger: Logger
    private let pause: TimeAmount
    private var isOutOfDescriptors = false

    init(_ connections: OpenConnections, logger: Logger, pause: TimeAmount = .milliseconds(500)) {
        self.connections = connections
        self.logger = logger
        self.pause = pause
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isOutOfDescriptors {
            isOutOfDescriptors = false
            logger.notice("connections are accepted again")
        }
        connections.add(unwrapInboundIn(data))
        context.fireChannelRead(data)
        let loopBound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let hasRoom = connections.hasRoom {
            eventLoop.execute { loopBound.value.gate.accept(loopBound.value.context) }
        }
        if !hasRoom { setReading(context, false) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isOutOfDescriptors {
            isOutOfDescriptors = true
            logger.error("connections can't be accepted for now: \(error)")
        }
        setReading(context, false)
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) { self.accept(context) }
    }

    private func accept(_ context: ChannelHandlerContext) { setReading(context, true) }

    private func setReading(_ context: ChannelHandlerContext, _ reads: Bool) {
        guard context.channel.isActive else { return }
        try? context.channel.syncOptions?.setOption(.autoRead, value: reads)
    }
}
