internal import Glibc

/// Runs what computes or waits for long outside the few threads that Swift's tasks share: on a machine of one core there
/// is one of those, and no connection would be served meanwhile.
enum ThreadOfItsOwn {
    private static let stackBytes = 8 << 20

    /// The result of work that a new thread does.
    ///
    /// - Throws: what the work throws, or `StartupError.invalid` when the operating system gives no thread.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let code = start(Body { continuation.resume(with: Result { try work() }) })
            if code != 0 {
                let reason = String(cString: strerror(code))
                continuation.resume(
                    throwing: StartupError.invalid("the system gives no thread to load with: \(reason)")
                )
            }
        }
    }

    /// Starts a thread; 0, or the number of an error.
    private static func start(_ body: Body) -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(body)
        let code = pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            argument.toOpaque(),
        )
        if code != 0 { argument.release() }
        return code
    }

    /// What a thread runs, boxed to cross into C.
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
