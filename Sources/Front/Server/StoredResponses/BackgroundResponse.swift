import Generation
import OpenAIProtocol
import OrderedJSON

/// A response that is made while nobody waits.
struct BackgroundResponse: Sendable {
    /// What is done with the response as it changes.
    struct Keeper: Sendable {
        /// Takes it when work on it begins.
        var begin: @Sendable () -> Void
        /// Takes it when it has ended, with the items of its output.
        var end: @Sendable (JSONObject, [JSONValue]) -> Void
        /// Told how many bytes of events it has.
        var grow: @Sendable (Int) -> Void
    }

    /// Sent when it is to end.
    let ending = Signal<ResponseStore.End>()
    /// Its events, if it is a stream.
    let events: EventLog?
    private let object: ResponseObject
    private let streams: [GenerationStream]
    private let dialect: ResponsesDialect
    private let stopwatch: RequestStopwatch
    private let keeper: Keeper
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
        keeper: Keeper,
    ) throws {
        self.object = object
        self.keeper = keeper
        stopwatch = prepared.stopwatch
        loan = prepared.loan
        guard (try? responder.state.admit()) != nil else { throw ErrorBody(.shuttingDown) }
        ticket = RequestTicket(admittedTo: responder.state, pending: responder.pending)
        var streams: [GenerationStream] = []
        for generation in prepared.generations { streams.append(try model.backend.submit(generation)) }
        self.streams = streams
        var dialect = dialect
        events = prepared.isStreamed ? EventLog() : nil
        if let events {
            var bytes: [UInt8] = []
            dialect.appendQueued(to: &bytes)
            events.append(bytes)
        }
        self.dialect = dialect
    }

    /// Makes it, until it is there, has failed or isn't wanted any more.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await make() }
            group.addTask { _ = await ending.wait() }
            await group.next()
            group.cancelAll()
        }
        events?.finish()
        withExtendedLifetime((ticket, loan)) {}
    }

    private func make() async {
        var dialect = dialect
        var stopwatch = stopwatch
        do {
            var hasBegun = false
            try await EventBatches.read(streams) { batch in
                if !hasBegun { keeper.begin() }
                hasBegun = true
                for (prompt, event) in batch { stopwatch.note(event, prompt: prompt) }
                take(batch, &dialect)
            }
            try Task.checkCancellation()
            stopwatch.finish()
            // Ending the answer keeps it.
            if events == nil { _ = dialect.body() } else { log { dialect.appendEnd(to: &$0) } }
        } catch {
            // Of what its client ended nothing is kept.
            guard ending.current != .unwanted else { return }
            stopwatch.fail()
            let error = ending.current == nil ? ErrorBody(any: error, promptField: "input") : Self.dropped
            if events == nil {
                keeper.end(object.json(.failed, error: error), [])
            } else {
                log { dialect.appendFailure(error, to: &$0) }
            }
        }
    }

    /// What readers are told of a response that is kept no longer.
    private static let dropped = ErrorBody(
        status: 500,
        message: "the response is kept no longer (--max_stored_response_bytes, --stored_response_seconds)",
        type: "InternalServerError"
    )

    private func take(_ batch: [EventBatches.Event], _ dialect: inout ResponsesDialect) {
        guard events != nil else {
            for (prompt, event) in batch { dialect.collect(event, prompt: prompt) }
            return
        }
        log { bytes in
            for (prompt, event) in batch { dialect.append(event, prompt: prompt, to: &bytes) }
        }
    }

    /// Adds to the events what a dialect writes.
    private func log(_ write: (inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        write(&bytes)
        events?.append(bytes)
        if let events { keeper.grow(events.byteCount) }
    }
}
