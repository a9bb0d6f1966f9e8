import Generation
import Synchronization

/// Reads the events of one answer's requests, all that are there at a time.
enum EventBatches {
    /// An event and the prompt it belongs to.
    typealias Event = (prompt: Int, event: GenerationEvent)

    /// Hands batches to the body until every stream has ended.
    ///
    /// While the body writes one batch to a slow client the next one grows, so a busy server makes fewer, larger writes.
    ///
    /// - Throws: `GenerationError` of any stream, or what the body throws; either way all requests are cancelled.
    static func read(_ streams: [GenerationStream], _ body: ([Event]) async throws -> Void) async throws {
        if streams.count == 1, let only = streams.first {
            try await read(only, body)
        } else {
            try await readMerged(streams, body)
        }
    }

    private static func read(_ stream: GenerationStream, _ body: ([Event]) async throws -> Void) async throws {
        var events = stream.makeAsyncIterator()
        while true {
            let batch = try await events.nextBatch()
            if batch.isEmpty { return }
            try await body(batch.map { (0, $0) })
        }
    }

    private static func readMerged(_ streams: [GenerationStream], _ body: ([Event]) async throws -> Void) async throws {
        let mailbox = Mailbox(sources: streams.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (prompt, stream) in streams.enumerated() {
                group.addTask {
                    do throws(GenerationError) {
                        var events = stream.makeAsyncIterator()
                        while true {
                            let batch = try await events.nextBatch()
                            if batch.isEmpty { break }
                            mailbox.put(batch.map { (prompt, $0) })
                        }
                        mailbox.close(nil)
                    } catch {
                        mailbox.close(error)
                    }
                }
            }
            defer { group.cancelAll() }
            while let batch = try await mailbox.take() { try await body(batch) }
        }
    }
}

/// Where several streams' events meet; one reader.
///
/// Bounded by the requests, as their own channels are.
private final class Mailbox: Sendable {
    private struct State {
        var events: [EventBatches.Event] = []
        var open: Int
        var error: GenerationError?
        var reader: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(sources: Int) { state = Mutex(State(open: sources)) }

    func put(_ batch: [EventBatches.Event]) { wake { $0.events += batch } }

    func close(_ error: GenerationError?) {
        wake { state in
            state.open -= 1
            state.error = state.error ?? error
        }
    }

    /// All events that are there, waiting for the first; `nil` at the end of all streams.
    ///
    /// The streams end when the task is cancelled, and with them the wait.
    func take() async throws(GenerationError) -> [EventBatches.Event]? {
        while true {
            let (events, error, isOver) = state.withLock { state in
                defer { state.events = [] }
                return (state.events, state.error, state.open == 0)
            }
            if !events.isEmpty { return events }
            if let error { throw error }
            if isOver { return nil }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    let isReady = !state.events.isEmpty || state.open == 0 || state.error != nil
                    if !isReady { state.reader = continuation }
                    return isReady
                }
                if isReady { continuation.resume() }
            }
        }
    }

    private func wake(_ change: (inout sending State) -> Void) {
        let reader = state.withLock { state in
            change(&state)
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }
}
