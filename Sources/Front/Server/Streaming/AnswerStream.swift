import Generation
package import OpenAIProtocol
import Synchronization

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
///
/// What its dialect has written is remembered, so that an end that comes from elsewhere follows on it.
final class AnswerStream<Writer: Dialect>: AnswerBody {
    private struct State {
        var dialect: Writer
        var stopwatch: RequestStopwatch
    }

    private let streams: [GenerationStream]
    private let state: Mutex<State>
    /// What it holds of the memory that answers share.
    private let loan: ByteBudget.Loan?

    init(_ streams: [GenerationStream], _ dialect: Writer, _ stopwatch: RequestStopwatch, _ loan: ByteBudget.Loan?) {
        self.streams = streams
        self.loan = loan
        state = Mutex(State(dialect: dialect, stopwatch: stopwatch))
    }

    /// Writes all events; a failure of the engine becomes an event too.
    func write(to writer: EventWriter) async throws {
        var writer = writer
        var bytes: [UInt8] = []
        do {
            try await EventBatches.read(streams) { batch in
                state.withLock { state in
                    for (prompt, event) in batch {
                        state.stopwatch.note(event, prompt: prompt)
                        state.dialect.append(event, prompt: prompt, to: &bytes)
                    }
                }
                try await writer.send(&bytes)
            }
            // Requests of a cancelled task just end.
            try Task.checkCancellation()
            state.withLock { state in
                state.dialect.appendEnd(to: &bytes)
                state.stopwatch.finish()
            }
        } catch let error as GenerationError {
            try Task.checkCancellation()
            fail(ErrorBody(error), to: &bytes)
        }
        try await writer.send(&bytes)
        try await writer.finish()
    }

    /// Whole events were written until then, so the error is one more.
    func end(with error: ErrorBody, to writer: EventWriter) async throws {
        var writer = writer
        var bytes: [UInt8] = []
        fail(error, to: &bytes)
        try await writer.send(&bytes)
        try await writer.finish()
    }

    private func fail(_ error: ErrorBody, to bytes: inout [UInt8]) {
        state.withLock { state in
            state.stopwatch.fail()
            state.dialect.appendFailure(error, to: &bytes)
        }
    }
}
