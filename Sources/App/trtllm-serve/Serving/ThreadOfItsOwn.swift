internal import CommandSupport
internal import Engine
internal import Glibc

/// Runs what computes or waits for long outside the few threads that Swift's tasks share: on a machine of one core there
/// is one of those, and no connection would be served meanwhile.
enum ThreadOfItsOwn {
    /// The result of work that a new thread does.
    ///
    /// - Throws: what the work throws, or `StartupError.invalid` when the operating system gives no thread.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let code = SystemThread.start(name: "model-loader") { continuation.resume(with: Result { try work() }) }
            if code != 0 {
                let reason = "the system gives no thread to load with: \(String(cString: strerror(code)))"
                continuation.resume(throwing: StartupError.invalid(reason))
            }
        }
    }
}
