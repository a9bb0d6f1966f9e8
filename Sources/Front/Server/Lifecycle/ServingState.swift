import Engine
import Synchronization

/// Where in its life the server is, and how many requests it is working on.
///
///     loading --ready--> serving --beginDraining--> draining
///        ^                  |
///        +-- becomeUnready -+
final class ServingState: Sendable {
    private enum Phase {
        case loading(String)
        case serving(ServingModel)
        case draining(ServingModel?)
    }

    private struct State {
        var phase = Phase.loading("loading")
        var active = 0
        var isDrained: CheckedContinuation<Void, Never>?
    }

    /// Why a request isn't taken now.
    enum Refusal: Error {
        case loading(String)
        case draining
    }

    /// What `/health` says.
    enum Health: Equatable {
        case ready
        case loading(String)
        case draining
        case stalled
    }

    private let state = Mutex(State())
    private let stallTimeout: Double

    init(stallTimeout: Double) { self.stallTimeout = stallTimeout }

    /// The model, loaded or draining; `nil` before.
    var model: ServingModel? {
        state.withLock { state in
            switch state.phase {
            case .loading: nil
            case .serving(let model): model
            case .draining(let model): model
            }
        }
    }

    /// Whether new requests are refused because the server ends.
    var isDraining: Bool {
        state.withLock { state in
            if case .draining = state.phase { return true }
            return false
        }
    }

    var health: Health {
        let health: (Health, ServingModel?) = state.withLock { state in
            switch state.phase {
            case .loading(let progress): (.loading(progress), nil)
            case .serving(let model): (.ready, model)
            case .draining: (.draining, nil)
            }
        }
        guard let model = health.1 else { return health.0 }
        let activity = model.activity()
        if activity.isStopped { return .stalled }
        return activity.isStalled(now: model.clock.monotonicSeconds(), after: stallTimeout) ? .stalled : .ready
    }

    func report(progress: String) {
        state.withLock { state in
            if case .loading = state.phase { state.phase = .loading(progress) }
        }
    }

    func becomeReady(_ model: ServingModel) {
        state.withLock { state in
            if case .loading = state.phase { state.phase = .serving(model) }
        }
    }

    /// Takes no more requests until there is a model again; those being worked on keep theirs.
    func becomeUnready(_ reason: String) {
        state.withLock { state in
            if case .serving = state.phase { state.phase = .loading(reason) }
        }
    }

    /// Counts a request in; every `admit` that returns is followed by one `leave`.
    func admit() throws(Refusal) -> ServingModel {
        let result: Result<ServingModel, Refusal> = state.withLock { state in
            switch state.phase {
            case .loading(let progress): return .failure(.loading(progress))
            case .draining: return .failure(.draining)
            case .serving(let model):
                state.active += 1
                return .success(model)
            }
        }
        return try result.get()
    }

    /// Counts a request out, once its answer is written.
    func leave() {
        let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.active -= 1
            guard state.active == 0 else { return nil }
            defer { state.isDrained = nil }
            return state.isDrained
        }
        continuation?.resume()
    }

    /// Takes no more requests.
    func beginDraining() {
        state.withLock { state in
            switch state.phase {
            case .loading: state.phase = .draining(nil)
            case .serving(let model): state.phase = .draining(model)
            case .draining: break
            }
        }
    }

    /// Returns when no request is being worked on, or when the task is cancelled; one waiter at a time.
    func waitUntilIdle() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isIdle = state.withLock { state in
                    if state.active > 0, !Task.isCancelled {
                        state.isDrained = continuation
                        return false
                    }
                    return true
                }
                if isIdle { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                defer { state.isDrained = nil }
                return state.isDrained
            }
            continuation?.resume()
        }
    }
}
