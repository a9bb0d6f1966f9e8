import Synchronization

/// Memory that answers share: who comes when it is all lent waits, in order of arrival.
package final class ByteBudget: Sendable {
    /// Bytes lent to one answer, given back when the last reference goes.
    package final class Loan: Sendable {
        private let budget: ByteBudget
        private let bytes: Int

        fileprivate init(_ budget: ByteBudget, _ bytes: Int) {
            self.budget = budget
            self.bytes = bytes
        }

        deinit { budget.giveBack(bytes) }
    }

    private struct Waiter {
        var id: Int
        var bytes: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var nextID = 0
        var waiting: [Waiter] = []
    }

    private let state: Mutex<State>
    private let size: Int

    /// A budget of so many bytes.
    package init(bytes: Int) {
        size = bytes
        state = Mutex(State(free: bytes))
    }

    /// How many answers wait.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Lends bytes, waiting for its turn; more than there are at all is all there are.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    package func borrow(_ bytes: Int) async throws -> Loan {
        let bytes = min(bytes, size)
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isLent = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.waiting.isEmpty, bytes <= state.free {
                        state.free -= bytes
                        return true
                    }
                    state.waiting.append(Waiter(id: id, bytes: bytes, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            leave(id)
        }
        guard isLent else { throw CancellationError() }
        return Loan(self, bytes)
    }

    private func leave(_ id: Int) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
        // Whoever waited behind it may fit.
        giveBack(0)
    }

    private func giveBack(_ bytes: Int) {
        let served: [Waiter] = state.withLock { state in
            state.free += bytes
            var free = state.free
            let count = state.waiting.prefix { waiter in
                guard waiter.bytes <= free else { return false }
                free -= waiter.bytes
                return true
            }.count
            defer { state.waiting.removeFirst(count) }
            state.free = free
            return Array(state.waiting.prefix(count))
        }
        for waiter in served { waiter.continuation.resume(returning: true) }
    }
}
