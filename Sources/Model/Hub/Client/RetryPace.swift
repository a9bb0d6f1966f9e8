/// How often and how long apart a hub is asked again.
package struct RetryPace: Sendable {
    /// Tries in a row without anything new.
    private let attempts = 6
    /// The longest wait that a hub may ask for, in seconds.
    private let longestWait = 120
    /// Waits for some seconds.
    private let sleep: @Sendable (Int) async throws -> Void
    /// Told before each wait.
    let note: @Sendable (String) -> Void

    /// A pace with a way to wait.
    package init(
        sleep: @escaping @Sendable (Int) async throws -> Void = { try await Task.sleep(for: .seconds($0)) },
        note: @escaping @Sendable (String) -> Void,
    ) {
        self.sleep = sleep
        self.note = note
    }

    /// Waits before the next try.
    ///
    /// - Parameter failures: Tries that failed in a row, from 1.
    /// - Throws: the error itself when it isn't one that time heals, or that was the last try.
    func wait(after error: HubError, failures: Int) async throws {
        guard error.isTransient, failures < attempts else { throw error }
        var seconds = 1 << min(failures - 1, 4)
        if case .unavailable(_, _, let asked?) = error {
            guard asked <= longestWait else { throw error }
            seconds = max(seconds, asked)
        }
        note("\(error); trying again in \(seconds) s")
        try await sleep(seconds)
    }

    /// Does something until it succeeds.
    func retrying<Value>(_ work: () async throws -> Value) async throws -> Value {
        var failures = 0
        while true {
            do {
                return try await work()
            } catch let error as HubError {
                failures += 1
                try await wait(after: error, failures: failures)
            }
        }
    }
}
