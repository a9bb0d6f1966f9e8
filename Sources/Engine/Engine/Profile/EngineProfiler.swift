internal import Synchronization

/// Where the engine leaves what iterations did when, while somebody wants to know.
public final class EngineProfiler: Sendable {
    /// Iterations that are wanted.
    private struct Window {
        let id: Int
        var first: Int
        var remaining: Int
        var delivery: AsyncStream<IterationProfile>.Continuation
    }

    private struct State {
        var window: Window?
        var count = 0
    }

    private let state = Mutex(State())
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
    /// - Returns: the iterations as they end, which end after `count` of them, with `stop` or with the engine, and what to stop
    ///   them by. `nil` when iterations are being noted already.
    public func start(first: Int, count: Int) -> (id: Int, profiles: AsyncStream<IterationProfile>)? {
        state.withLock { state in
            guard state.window == nil else { return nil }
            state.count += 1
            let id = state.count
            let (stream, delivery) = AsyncStream<IterationProfile>.makeStream()
            delivery.onTermination = { [weak self] reason in
                // Whoever wanted to know doesn't any more.
                if case .cancelled = reason { self?.stop(id) }
            }
            state.window = Window(id: id, first: first, remaining: count, delivery: delivery)
            active.store(true, ordering: .relaxed)
            return (id, stream)
        }
    }

    /// Ends noting the iterations of a start, or whichever are being noted.
    public func stop(_ id: Int? = nil) {
        let ended = state.withLock { state -> Window? in
            guard let window = state.window, id == nil || window.id == id else { return nil }
            return close(&state)
        }
        ended?.delivery.finish()
    }

    /// Takes in an iteration that has ended.
    func record(_ profile: IterationProfile) {
        let ended = state.withLock { state -> Window? in
            guard let first = state.window?.first, profile.iteration >= first else { return nil }
            state.window?.delivery.yield(profile)
            state.window?.remaining -= 1
            return state.window?.remaining == 0 ? close(&state) : nil
        }
        ended?.delivery.finish()
    }

    private func close(_ state: inout State) -> Window? {
        defer { state.window = nil }
        active.store(false, ordering: .relaxed)
        return state.window
    }
}
