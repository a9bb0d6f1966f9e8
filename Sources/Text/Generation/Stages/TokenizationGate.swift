internal import Synchronization

/// Lets only so many long texts be rendered and tokenized at once.
///
/// A few huge prompts then don't take every thread that runs tasks. Those who wait are served in order.
package final class TokenizationGate: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    /// A gate for `limit` at once, at least one.
    package init(limit: Int) { state = Mutex(State(free: max(1, limit))) }

    /// Runs work when it is its turn.
    package func run<Result: Sendable>(_ work: @Sendable () -> Result) async -> Result {
        await enter()
        defer { leave() }
        return work()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let mayEnter = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if mayEnter { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
