/// The client of one request went away.
struct ClientLeft: Error {}

/// Whether the client of one request is still there; the connection's handler says when it isn't.
final class ClientPresence: Sendable {
    private let left = Signal<Void>()

    /// Says that the client is gone.
    func leave() { left.send(()) }

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
            while let first = try await group.next() {
                if let value = first { return value }
                // The wait also ends when this task is cancelled; then the operation ends in its own way.
                if left.current != nil { throw ClientLeft() }
            }
            throw ClientLeft()
        }
    }
}
