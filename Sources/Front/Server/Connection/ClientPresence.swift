import NIOCore

/// The client of one request went away.
struct ClientLeft: Error {}

/// Whether the client of one request is still there; the connection's handler says when it isn't.
final class ClientPresence: Sendable {
    private let left = Signal<Void>()

    /// Says that the client is gone.
    func leave() { left.send(()) }

    /// Has the connection's handler watch for this request.
    func watch(_ channel: any Channel) {
        channel.triggerUserOutboundEvent(self).whenFailure { _ in self.leave() }
    }

    /// Runs an operation until it ends or the client leaves, which cancels it.
    ///
    /// - Throws: `ClientLeft`, or what the operation throws.
    func whilePresent<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        let left = left
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                _ = await left.wait()
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw ClientLeft() }
            return value
        }
    }
}
