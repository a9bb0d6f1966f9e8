internal import Synchronization

/// A request on its way into the engine.
struct Submission: Sendable {
    let request: EngineRequest
    let channel: EventChannel
    let arrival: Double
}

/// What other threads have asked of the engine since it last looked, and what it last told them: all behind one lock
/// that is never held for longer than a few assignments.
final class EngineInbox: Sendable {
    /// What the engine takes at the beginning of an iteration.
    struct Mail {
        var submissions: [Submission] = []
        /// Choices of all submissions.
        var choices = 0
        var cancellations: [UInt64] = []
        var cancelsEverything = false
        var isStopping = false
    }

    private struct State {
        var mail = Mail()
        var nextID: UInt64 = 1
        /// Requests that wait inside the engine to be scheduled for the first time.
        var queuedInside = 0
        /// Choices that have no place in the engine's batch.
        var waitingInside = 0
        var isRefusing = false
        var activity = EngineActivity()
        var idleWaiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Queues a request, or refuses it because of the state the engine is in.
    ///
    /// - Throws: `EngineError.shuttingDown` or `EngineError.queueFull`.
    func submit(
        _ request: EngineRequest,
        arrival: Double,
        limit: Int,
    ) throws(EngineError) -> EventChannel {
        let result: Result<EventChannel, EngineError> = state.withLock { state in
            guard !state.isRefusing else { return .failure(.shuttingDown) }
            let waiting = state.mail.choices + state.waitingInside
            // When nobody waits, whatever may run at all may wait.
            guard waiting == 0 || request.sequenceCount <= limit - waiting else {
                state.activity.totals.refusedRequests += 1
                return .failure(.queueFull(waiting: waiting, requested: request.sequenceCount, limit: limit))
            }
            let channel = EventChannel(id: state.nextID, arrival: arrival)
            state.nextID += 1
            state.mail.submissions.append(Submission(request: request, channel: channel, arrival: arrival))
            state.mail.choices += request.sequenceCount
            state.activity.totals.submittedRequests += 1
            state.activity.isParked = false
            if !state.activity.hasWork { state.activity.lastTick = arrival }
            state.activity.queuedRequests = state.mail.submissions.count + state.queuedInside
            return .success(channel)
        }
        return try result.get()
    }

    func cancel(_ id: UInt64) { state.withLock { $0.mail.cancellations.append(id) } }

    func cancelEverything() { state.withLock { $0.mail.cancelsEverything = true } }

    func refuseNewRequests() {
        state.withLock { state in
            state.isRefusing = true
            state.activity.isDraining = true
        }
    }

    func requestStop() {
        state.withLock { state in
            state.isRefusing = true
            state.activity.isDraining = true
            state.mail.isStopping = true
        }
    }

    /// Takes what has come, submissions in order of their ids.
    ///
    /// They go on counting as waiting until the next `publish`.
    func takeMail() -> Mail {
        state.withLock { state in
            state.queuedInside += state.mail.submissions.count
            state.waitingInside += state.mail.choices
            defer { state.mail = Mail() }
            return state.mail
        }
    }

    var activity: EngineActivity { state.withLock { $0.activity } }

    /// Publishes a snapshot and how many choices wait inside; what only this side counts is kept.
    func publish(_ activity: EngineActivity, waitingChoices: Int) {
        state.withLock { state in
            let old = state.activity
            state.activity = activity
            state.activity.totals.submittedRequests = old.totals.submittedRequests
            state.activity.totals.refusedRequests = old.totals.refusedRequests
            state.activity.isDraining = old.isDraining
            state.waitingInside = waitingChoices
            state.queuedInside = activity.queuedRequests
            state.activity.queuedRequests += state.mail.submissions.count
            if !state.mail.submissions.isEmpty { state.activity.isParked = false }
        }
    }

    /// Wakes those who wait for the engine to have nothing to do, if that is so.
    func announceIdle() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.mail.submissions.isEmpty else { return [] }
            defer { state.idleWaiters = [:] }
            return Array(state.idleWaiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until the engine next has nothing to do, or the task is cancelled.
    ///
    /// `wake` makes the engine look whether that is so already; it is called once the wait is known.
    func waitUntilIdle(wake: @Sendable () -> Void) async {
        let key = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled || state.activity.isStopped { return true }
                    state.idleWaiters[key] = continuation
                    return false
                }
                if isOver { continuation.resume() } else { wake() }
            }
        } onCancel: {
            state.withLock { $0.idleWaiters.removeValue(forKey: key) }?.resume()
        }
    }
}
