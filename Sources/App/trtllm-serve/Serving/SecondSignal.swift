internal import Dispatch
internal import Glibc
internal import Logging
internal import Synchronization

/// Ends the program at once when a second SIGTERM or SIGINT comes: the first began to drain.
final class SecondSignal: Sendable {
    private let count = Atomic(0)
    private let logger: Logger

    /// A watch that isn't kept yet.
    init(logger: Logger) { self.logger = logger }

    /// Watches for as long as the program runs.
    func watch() {
        let queue = DispatchQueue(label: "signals")
        for number in [SIGTERM, SIGINT] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            // The handler keeps the source, and so itself, alive.
            source.setEventHandler { [source, self] in
                withExtendedLifetime(source) { self.come(number) }
            }
            source.resume()
        }
    }

    private func come(_ number: Int32) {
        if count.add(1, ordering: .relaxed).newValue > 1 {
            logger.warning("second signal: ending without waiting for running requests")
            _exit(128 + number)
        }
        logger.info("signal: no new requests; waiting for running ones, a second signal ends at once")
    }
}
