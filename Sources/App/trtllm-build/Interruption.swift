internal import CommandSupport
internal import Glibc
internal import Synchronization

/// Whether a signal asks to stop, so that nothing half-written is left.
enum Interruption {
    private static let flag = Atomic(false)

    /// Takes SIGINT and SIGTERM from now on; a second one ends the program at once.
    static func watch() { installed }

    private static let installed: Void = {
        _ = hasCome
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if Interruption.flag.exchange(true, ordering: .relaxed) { _exit(128 + number) }
            }
        }
    }()

    /// Ends the program with the reason.
    static func end() -> Never {
        StandardStreams.complain("interrupted: nothing was written")
        exit(1)
    }

    /// Whether one has come.
    static var hasCome: Bool { flag.load(ordering: .relaxed) }
}
