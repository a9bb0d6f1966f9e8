import NIOCore

/// The client closed its sending side; told at once, also when requests it had sent before are still to be read.
struct ClientClosedItsSide: Sendable {}

/// Watches one connection's bytes: closes it when the client takes nothing for too long, tells when the client ends.
///
/// First in the pipeline, where what is written is what the client gets.
final class SocketWatch: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// Looks per timeout: it is kept to so exactly.
    private static let looks: Int64 = 4

    private let timeout: TimeAmount
    private let tooSlow: () -> Void
    private var written = 0
    private var taken = 0
    private var lastTaken = NIODeadline.now()
    private let nextLook = Deadline()

    /// - Parameter tooSlow: Called before a connection is closed because its client takes nothing.
    init(timeout: TimeAmount, tooSlow: @escaping () -> Void) {
        self.timeout = timeout
        self.tooSlow = tooSlow
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written &+= unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
        guard !nextLook.isSet else { return }
        lastTaken = .now()
        scheduleLook(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { context.fireUserInboundEventTriggered(ClientClosedItsSide()) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        nextLook.drop()
        context.fireChannelInactive()
    }

    private func scheduleLook(_ context: ChannelHandlerContext) {
        let delay = TimeAmount.nanoseconds(max(1, timeout.nanoseconds / Self.looks))
        nextLook.set(in: delay, on: context.eventLoop) { self.look(context) }
    }

    private func look(_ context: ChannelHandlerContext) {
        guard context.channel.isActive,
            let waiting = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes), waiting > 0
        else { return }
        if written &- waiting > taken {
            taken = written &- waiting
            lastTaken = .now()
        }
        if .now() - lastTaken >= timeout {
            tooSlow()
            return context.close(promise: nil)
        }
        scheduleLook(context)
    }
}
