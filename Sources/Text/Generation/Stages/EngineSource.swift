internal import Engine
internal import Synchronization

/// Holds the engine's stream between submission and the first read; dropped unread, it cancels the request.
final class EngineSubscription: Sendable {
    private let stream: Mutex<EngineStream?>

    init(_ stream: EngineStream) { self.stream = Mutex(stream) }

    /// The stream for its one reader; `nil` for any further reader.
    func take() -> EngineStream? {
        stream.withLock { stream in
            defer { stream = nil }
            return stream
        }
    }
}

/// The engine's events of one request, made into text in the reader's task.
///
/// Lets go of the engine's stream as soon as every choice has ended, which cancels what the engine still does for
/// choices that a stop string ended.
struct EngineSource: GenerationEventSource {
    private var events: EngineStream.Iterator?
    private var assembler: RequestAssembler

    init(events: EngineStream?, assembler: RequestAssembler) {
        self.events = events?.makeAsyncIterator()
        self.assembler = assembler
    }

    mutating func nextBatch(isolation actor: isolated (any Actor)?) async throws(GenerationError) -> [GenerationEvent] {
        while events != nil {
            let delivered: [EngineEvent]
            do throws(EngineError) {
                delivered = try await events?.nextBatch(isolation: actor) ?? []
            } catch {
                events = nil
                throw GenerationError(error)
            }
            guard !delivered.isEmpty else {
                events = nil
                return assembler.abandon()
            }
            try checkChoices(delivered)
            var batch: [GenerationEvent] = []
            batch.reserveCapacity(delivered.count)
            for event in delivered { batch += assembler.accept(event) }
            if assembler.isComplete {
                if case .usage(var usage)? = batch.last {
                    usage.record = events?.record
                    batch[batch.count - 1] = .usage(usage)
                }
                events = nil
            }
            if !batch.isEmpty { return batch }
        }
        return []
    }

    /// Ends a request of which a choice can't be what was asked for: part of an answer that has to obey a constraint is none.
    private mutating func checkChoices(_ delivered: [EngineEvent]) throws(GenerationError) {
        for event in delivered {
            guard case .finished(let choice, .failed(let why)) = event else { continue }
            events = nil
            throw .cannotGoOn(choice: choice, reason: why)
        }
    }
}
