import HTTPTypes
import NIOCore

/// Who sent one request: takes its answer, and may leave before.
struct Client: Sendable {
    /// Bytes of one write of a large reply, so that little of it waits in the connection.
    private static let sliceBytes = 64 << 10

    let channel: any Channel
    /// Whether it wants the head of the answer alone.
    let wantsHead: Bool
    let presence = ClientPresence()

    /// Writes a part of the answer and waits until the socket has taken it, which is as long as the client doesn't read.
    ///
    /// - Throws: when the connection is closed.
    func send(_ part: AnswerPart) async throws { try await channel.writeAndFlush(part).get() }

    /// Writes a whole answer.
    ///
    /// - Throws: when the connection is closed.
    func send(_ reply: Reply) async throws {
        guard reply.body.count > Self.sliceBytes else { return try await send(.whole(reply)) }
        try await send(.head(reply.head))
        var rest = reply.body[...]
        while !rest.isEmpty {
            try await send(.body(ByteBuffer(bytes: rest.prefix(Self.sliceBytes))))
            rest = rest.dropFirst(Self.sliceBytes)
        }
        try await send(.end)
    }
}
