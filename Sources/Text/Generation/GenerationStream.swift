/// The events of one request, in order; `.usage` is the last.
///
/// It is pulled: text is decoded, searched for stop strings and released in the task that reads, never on the engine's
/// thread. Ending that task or dropping the stream cancels the request in the engine. One reader only.
public struct GenerationStream: AsyncSequence, Sendable {
    /// What is read.
    public typealias Element = GenerationEvent
    /// What ends the reading early.
    public typealias Failure = GenerationError

    private let start: @Sendable () -> any GenerationEventSource

    /// A stream whose events come from a source made when reading begins.
    package init(start: @escaping @Sendable () -> any GenerationEventSource) { self.start = start }

    /// A stream of events that come as results; a failure ends it.
    public init(_ results: AsyncStream<Result<GenerationEvent, GenerationError>>) {
        self.init { ResultSource(iterator: results.makeAsyncIterator()) }
    }

    /// The one reader.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: start()) }

    /// Reads the events of one request.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var source: any GenerationEventSource
        private var batch: [GenerationEvent] = []
        private var position = 0

        fileprivate init(source: any GenerationEventSource) { self.source = source }

        /// The next event, or `nil` after the last.
        public mutating func next() async throws(GenerationError) -> GenerationEvent? {
            try await next(isolation: nil)
        }

        /// The next event, or `nil` after the last, without leaving the caller's actor.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(GenerationError) -> GenerationEvent? {
            if position == batch.count {
                batch = try await source.nextBatch(isolation: actor)
                position = 0
            }
            guard position < batch.count else { return nil }
            defer { position += 1 }
            return batch[position]
        }

        /// All events that are there, waiting for the first: what the engine made in one iteration or, for a reader that
        /// is slower, in several; empty after the last.
        public mutating func nextBatch(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(GenerationError) -> [GenerationEvent] {
            if position < batch.count {
                defer { position = batch.count }
                return Array(batch[position...])
            }
            return try await source.nextBatch(isolation: actor)
        }
    }
}

/// Where a `GenerationStream` gets its events.
package protocol GenerationEventSource {
    /// All events that are there, waiting for the first; empty after the last.
    mutating func nextBatch(isolation actor: isolated (any Actor)?) async throws(GenerationError) -> [GenerationEvent]
}

/// Events from an `AsyncStream` of results, one by one: it doesn't tell whether there are more.
private struct ResultSource: GenerationEventSource {
    var iterator: AsyncStream<Result<GenerationEvent, GenerationError>>.Iterator

    mutating func nextBatch(isolation actor: isolated (any Actor)?) async throws(GenerationError) -> [GenerationEvent] {
        try await iterator.next(isolation: actor).map { result throws(GenerationError) in [try result.get()] } ?? []
    }
}
