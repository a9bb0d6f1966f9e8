internal import Synchronization

/// Ends what waits for other ranks: all calls that run or are made later throw one error.
///
/// Who learns that a rank is lost, on whatever thread, ends the calls of this process; the first error counts.
public final class Interruption: Sendable {
    /// Why and whether calls have ended.
    private final class End: Sendable {
        let hasCome = Atomic(false)
        let reason = Mutex<CommunicatorError?>(nil)
    }

    private let ending: End
    private let checks = Atomic(0)

    /// Nothing is interrupted yet.
    public init() { ending = End() }

    private init(_ ending: End) { self.ending = ending }

    /// Ends with this one, and has `looks` of its own.
    var aside: Interruption { Interruption(ending) }

    /// The error that ended all calls; `nil` while they go on.
    public var error: CommunicatorError? {
        ending.hasCome.load(ordering: .acquiring) ? ending.reason.withLock { $0 } : nil
    }

    /// Ends all calls with `error`, within a quarter of a second; without effect when they have been ended already.
    public func end(with error: CommunicatorError) {
        ending.reason.withLock { $0 = $0 ?? error }
        ending.hasCome.store(true, ordering: .releasing)
    }

    /// How often what waits has looked up: it grows several times a second while something does.
    package var looks: Int { checks.load(ordering: .relaxed) }

    /// Throws what ended all calls, if something has; whatever waits for other ranks asks several times a second.
    public func check() throws(CommunicatorError) {
        checks.add(1, ordering: .relaxed)
        if let error { throw error }
    }
}
