import Generation
import OpenAIProtocol

/// An answer that is written as it is made, after its head.
protocol AnswerBody: Sendable {
    /// Writes all of it.
    ///
    /// - Throws: when the client is gone or the task is cancelled, having cancelled the requests.
    func write(to writer: EventWriter) async throws

    /// Ends an answer whose writing was cancelled, telling the client why.
    func end(with error: ErrorBody, to writer: EventWriter) async throws
}

/// An answer in events, from the submitted requests to the last byte.
struct AnswerStream: AnswerBody {
    let streams: [GenerationStream]
    let chunks: any ChunkSource
    let includesUsage: Bool
    let stopwatch: RequestStopwatch
    /// What it holds of the memory that answers share.
    let loan: ByteBudget.Loan?

    /// Writes all events; a failure of the engine becomes an event too.
    func write(to writer: EventWriter) async throws {
        var writer = writer
        var chunks = chunks
        var stopwatch = stopwatch
        var bytes: [UInt8] = []
        do {
            try await EventBatches.read(streams) { batch in
                for (prompt, event) in batch {
                    stopwatch.note(event)
                    chunks.append(event, prompt: prompt, to: &bytes)
                }
                try await writer.send(&bytes)
            }
            // Requests of a cancelled task just end.
            try Task.checkCancellation()
            if includesUsage { chunks.appendUsage(to: &bytes) }
            stopwatch.finish()
        } catch let error as GenerationError {
            try Task.checkCancellation()
            stopwatch.fail()
            ServerSentEvent.append(ErrorBody(error), to: &bytes)
        }
        try await Self.finish(&bytes, writer)
    }

    /// Whole events were written until then, so the error is one more.
    func end(with error: ErrorBody, to writer: EventWriter) async throws {
        stopwatch.fail()
        var bytes: [UInt8] = []
        ServerSentEvent.append(error, to: &bytes)
        try await Self.finish(&bytes, writer)
    }

    private static func finish(_ bytes: inout [UInt8], _ writer: EventWriter) async throws {
        var writer = writer
        ServerSentEvent.appendDone(to: &bytes)
        try await writer.send(&bytes)
        try await writer.finish()
    }
}

/// Makes the chunks of one kind of answer from events.
protocol ChunkSource: Sendable {
    /// Appends the chunks that an event causes; none for many.
    mutating func append(_ event: GenerationEvent, prompt: Int, to bytes: inout [UInt8])

    /// Appends the chunk with the whole usage.
    func appendUsage(to bytes: inout [UInt8])
}
