import OpenAIProtocol

/// The stream of a response that is made in the background; whoever stops reading it ends nothing.
struct LoggedEvents: AnswerBody {
    let log: EventLog
    /// The number of the first event that is sent.
    let first: Int

    func write(to writer: EventWriter) async throws {
        var writer = writer
        var place = EventLog.Place.event(first)
        while var part = try await log.next(&place) { try await writer.send(&part) }
        try await writer.finish()
    }

    func end(with error: ErrorBody, to writer: EventWriter) async throws {
        var writer = writer
        // The end of the event in whose middle it may stand.
        var bytes = Array("\n\n".utf8)
        ServerSentEvent.append(error, to: &bytes)
        try await writer.send(&bytes)
        try await writer.finish()
    }
}
