import Generation
package import OpenAIProtocol

/// An answer that is written as it is made, after its head.
package protocol AnswerBody: Sendable {
    /// Writes all of it.
    ///
    /// - Throws: when the client is gone or the task is cancelled, having cancelled the requests.
    func write(to writer: EventWriter) async throws

    /// Ends an answer whose writing was cancelled, telling the client why.
    func end(with error: ErrorBody, to writer: EventWriter) async throws
}

/// An answer in events, from the submitted requests to the last byte.
struct AnswerStream<Writer: Dialect>: AnswerBody {
    let streams: [GenerationStream]
    let dialect: Writer
    let stopwatch: RequestStopwatch
    /// What it holds of the memory that answers share.
    let loan: ByteBudget.Loan?

    /// Writes all events; a failure of the engine becomes an event too.
    func write(to writer: EventWriter) async throws {
        var writer = writer
        var dialect = dialect
        var stopwatch = stopwatch
        var bytes: [UInt8] = []
        do {
            try await EventBatches.read(streams) { batch in
                for (prompt, event) in batch {
                    stopwatch.note(event)
                    dialect.append(event, prompt: prompt, to: &bytes)
                }
                try await writer.send(&bytes)
            }
            // Requests of a cancelled task just end.
            try Task.checkCancellation()
            dialect.appendEnd(to: &bytes)
            stopwatch.finish()
        } catch let error as GenerationError {
            try Task.checkCancellation()
            stopwatch.fail()
            dialect.appendFailure(ErrorBody(error), to: &bytes)
        }
        try await writer.send(&bytes)
        try await writer.finish()
    }

    /// Whole events were written until then, so the error is one more.
    func end(with error: ErrorBody, to writer: EventWriter) async throws {
        var writer = writer
        var dialect = dialect
        stopwatch.fail()
        var bytes: [UInt8] = []
        dialect.appendFailure(error, to: &bytes)
        try await writer.send(&bytes)
        try await writer.finish()
    }
}
