import Engine
package import Generation
import HTTPTypes

/// A request whose generations are prepared: what is left is to run them.
package struct PreparedAnswer: Sendable {
    /// One for each prompt.
    package var generations: [PreparedGeneration]
    /// Whether the answer is a stream.
    package var isStreamed: Bool
    /// Times the request.
    var stopwatch: RequestStopwatch
    /// What the answer holds of the memory that answers share.
    var loan: ByteBudget.Loan?
}

extension Responder {
    /// A request that has just been read, before any of its work.
    func stopwatch(_ model: ServingModel) -> RequestStopwatch {
        RequestStopwatch(metrics: metrics, now: model.clock.monotonicSeconds)
    }

    /// An answer to one prompt that holds nothing of the memory that answers share.
    ///
    /// - Throws: `GenerationError` naming what is wrong with the request.
    package func prepare(
        _ generation: GenerationRequest,
        isStreamed: Bool,
        _ model: ServingModel,
    ) async throws(GenerationError) -> PreparedAnswer {
        let stopwatch = stopwatch(model)
        let prepared = try await model.backend.prepare(generation)
        return PreparedAnswer(generations: [prepared], isStreamed: isStreamed, stopwatch: stopwatch)
    }

    /// Runs the generations of a request and has a dialect write the answer.
    ///
    /// - Throws: what a generation throws before the first byte of a stream, or before the end of a whole answer.
    package func answer<Writer: Dialect>(
        _ prepared: PreparedAnswer,
        in dialect: Writer,
        _ model: ServingModel,
    ) async throws -> Answer {
        var streams: [GenerationStream] = []
        for generation in prepared.generations { streams.append(try model.backend.submit(generation)) }
        let seed = prepared.generations.first.map { String($0.seed) }
        if prepared.isStreamed {
            var fields = Reply.eventStreamFields
            fields[.seed] = seed
            let stream = AnswerStream(streams, dialect, prepared.stopwatch, prepared.loan)
            return .stream(fields, stream)
        }
        defer { withExtendedLifetime(prepared.loan) {} }
        var dialect = dialect
        var stopwatch = prepared.stopwatch
        try await EventBatches.read(streams) { batch in
            for (prompt, event) in batch {
                stopwatch.note(event, prompt: prompt)
                dialect.collect(event, prompt: prompt)
            }
        }
        stopwatch.finish()
        switch await dialect.body() {
        case .bytes(let bytes):
            var reply = Reply(json: bytes)
            reply.fields[.seed] = seed
            return .whole(reply)
        case .pieces(let body):
            var fields = Reply.jsonStreamFields
            fields[.seed] = seed
            return .stream(fields, body)
        }
    }
}
