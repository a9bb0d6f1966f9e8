internal import Synchronization

/// Where the engine leaves what iterations did when, while somebody wants to know.
public final class EngineProfiler: Sendable {
    /// Iterations that are wanted.
    private struct Window {
        var first: Int
        var remaining: Int
        var delivery: AsyncStream<IterationProfile>.Continuation
    }

    private let window = Mutex<Window?>(nil)
    private let active = Atomic(false)

    /// A profiler at rest.
    public init() {}

    /// Whether somebody wants to know.
    var isActive: Bool { active.load(ordering: .relaxed) }

    /// Has iterations noted.
    ///
    /// - Parameters:
    ///   - first: Number of the first iteration to note; those before it go by.
    ///   - count: The most to note.
    /// - Returns: the iterations as they end; it ends after `count` of them, with `stop` or with the engine. `nil` when
    ///   iterations are being noted already.
    public func start(first: Int, count: Int) -> AsyncStream<IterationProfile>? {
        window.withLock { window in
            guard window == nil else { return nil }
            let (stream, delivery) = AsyncStream<IterationProfile>.makeStream()
            delivery.onTermination = { [weak self] reason in
                // Whoever wanted to know doesn't any more.
                if case .cancelled = reason { self?.stop() }
            }
            window = Window(first: first, remaining: count, delivery: delivery)
            active.store(true, ordering: .relaxed)
            return stream
        }
    }

    /// Ends noting iterations, if any are.
    public func stop() {
        let ended = window.withLock { window in
            defer { window = nil }
            active.store(false, ordering: .relaxed)
            return window
        }
        ended?.delivery.finish()
    }

    /// Takes in an iteration that has ended.
    func record(_ profile: IterationProfile) {
        let isLast = window.withLock { window in
            guard let first = window?.first, profile.iteration >= first else { return false }
            window?.delivery.yield(profile)
            window?.remaining -= 1
            return window?.remaining == 0
        }
        if isLast { stop() }
    }
}
