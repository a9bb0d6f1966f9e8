internal import Engine
internal import Synchronization

/// Work that a thread of its own does while the caller does something else.
final class Meanwhile<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isDone = SystemSemaphore()

    /// Starts the work; without a thread, it is done on return.
    init(_ work: @escaping @Sendable () throws -> Value) {
        let code = SystemThread.start(name: "meanwhile") { [self] in finish(Result { try work() }) }
        if code != 0 { finish(Result { try work() }) }
    }

    private func finish(_ outcome: Result<Value, any Error>) {
        result.withLock { $0 = outcome }
        isDone.signal()
    }

    /// Waits for the work; called once.
    ///
    /// - Throws: what the work throws.
    func value() throws -> Value? {
        isDone.wait()
        return try result.withLock { $0 }?.get()
    }
}
