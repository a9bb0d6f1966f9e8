/// The events of one request, in order, for one consumer.
///
/// Cancelling the consuming task, or dropping the stream and its iterators, cancels the request in the engine. The
/// sequence ends after the last choice's `finished`; it throws when the engine fails or stops first, and it ends without
/// a `finished` when the consuming task is cancelled.
public struct EngineStream: AsyncSequence, Sendable {
    /// What happens to the request.
    public typealias Element = EngineEvent
    /// Why the engine gave the request up.
    public typealias Failure = EngineError

    /// The request's id.
    public var id: UInt64 { lifetime.channel.id }

    /// What became of the request so far.
    public var record: RequestRecord { lifetime.channel.record }

    let lifetime: StreamLifetime

    /// An iterator over the events; a stream has one consumer.
    public func makeAsyncIterator() -> Iterator {
        Iterator(lifetime: lifetime)
    }

    /// Takes events in the batches they were delivered in, one per engine iteration.
    public struct Iterator: AsyncIteratorProtocol {
        let lifetime: StreamLifetime
        private var batch: [EngineEvent] = []
        private var next = 0

        init(lifetime: StreamLifetime) {
            self.lifetime = lifetime
        }

        /// What became of the request so far.
        public var record: RequestRecord { lifetime.channel.record }

        /// The next event; `nil` after the last one.
        ///
        /// - Throws: `EngineError` when the request ended with an error.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EngineError) -> EngineEvent? {
            if next == batch.count {
                batch = try await nextBatch(isolation: actor)
                next = 0
            }
            guard next < batch.count else { return nil }
            defer { next += 1 }
            return batch[next]
        }

        /// All events of the next iteration that produced some; empty after the last one.
        ///
        /// - Throws: `EngineError` when the request ended with an error.
        public mutating func nextBatch(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EngineError) -> [EngineEvent] {
            if next < batch.count {
                defer { next = batch.count }
                return Array(batch[next...])
            }
            let lifetime = lifetime
            let result: Result<[EngineEvent], EngineError> = await withTaskCancellationHandler {
                do throws(EngineError) {
                    return .success(try await lifetime.channel.take())
                } catch {
                    return .failure(error)
                }
            } onCancel: {
                lifetime.cancel()
            }
            return try result.get()
        }
    }
}

/// Cancels a request when nobody can consume its events any more.
final class StreamLifetime: Sendable {
    let channel: EventChannel
    private let cancelRequest: @Sendable (UInt64) -> Void

    init(channel: EventChannel, cancelRequest: @escaping @Sendable (UInt64) -> Void) {
        self.channel = channel
        self.cancelRequest = cancelRequest
    }

    deinit { cancel() }

    func cancel() {
        guard !channel.isFinished else { return }
        channel.abandon()
        cancelRequest(channel.id)
    }
}
