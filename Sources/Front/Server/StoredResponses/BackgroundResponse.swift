import Generation
import OpenAIProtocol
import OrderedJSON

/// A response that is made while nobody waits.
struct BackgroundResponse: Sendable {
    /// Sent when the client wants no more of it.
    let isCancelled = Signal<Void>()
    private let object: ResponseObject
    private let streams: [GenerationStream]
    private let dialect: ResponsesDialect
    private let stopwatch: RequestStopwatch
    private let keep: @Sendable (JSONObject, [JSONValue]) -> Void
    /// What a shutdown waits for.
    private let ticket: RequestTicket
    private let loan: ByteBudget.Loan?

    /// - Throws: what submitting the request throws, or `ErrorBody` when the server ends.
    init(
        _ object: ResponseObject,
        _ prepared: PreparedAnswer,
        _ dialect: ResponsesDialect,
        _ responder: Responder,
        _ model: ServingModel,
        keep: @escaping @Sendable (JSONObject, [JSONValue]) -> Void,
    ) throws {
        self.object = object
        self.dialect = dialect
        self.keep = keep
        stopwatch = prepared.stopwatch
        loan = prepared.loan
        guard (try? responder.state.admit()) != nil else { throw ErrorBody(.shuttingDown) }
        ticket = RequestTicket(admittedTo: responder.state, pending: responder.pending)
        var streams: [GenerationStream] = []
        for generation in prepared.generations { streams.append(try model.backend.submit(generation)) }
        self.streams = streams
    }

    /// Makes it, until it is there, has failed or isn't wanted any more.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await make() }
            group.addTask { _ = await isCancelled.wait() }
            await group.next()
            group.cancelAll()
        }
        withExtendedLifetime((ticket, loan)) {}
    }

    private func make() async {
        var dialect = dialect
        var stopwatch = stopwatch
        do {
            try await EventBatches.read(streams) { batch in
                for (prompt, event) in batch {
                    stopwatch.note(event)
                    dialect.collect(event, prompt: prompt)
                }
            }
            try Task.checkCancellation()
            stopwatch.finish()
            // Ending the answer keeps it.
            _ = dialect.body()
        } catch {
            // Of what its client ended nothing is kept.
            guard isCancelled.current == nil else { return }
            stopwatch.fail()
            keep(object.json(.failed, error: ErrorBody(any: error, promptField: "input")), [])
        }
    }
}
