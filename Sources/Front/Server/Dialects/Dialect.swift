package import Generation
package import OpenAIProtocol

/// How the answer to one request looks on the wire, as a stream or whole: the state of that one answer.
///
/// Events of the request's generations come in the order in which they happen, either all to `append` or all to
/// `collect`. `docs/api.md` shows how a new one is made.
package protocol Dialect: Sendable {
    /// Appends what an event adds to a stream; nothing for many.
    ///
    /// - Parameter prompt: Which of the request's prompts it belongs to.
    mutating func append(_ event: GenerationEvent, prompt: Int, to bytes: inout [UInt8])

    /// Appends the end of a stream whose generations have all ended.
    mutating func appendEnd(to bytes: inout [UInt8])

    /// Appends the end of a stream that failed; whole events were written until then.
    mutating func appendFailure(_ error: ErrorBody, to bytes: inout [UInt8])

    /// Takes an event into a whole answer.
    mutating func collect(_ event: GenerationEvent, prompt: Int)

    /// The body of a whole answer whose generations have all ended.
    mutating func body() async -> WholeBody
}

extension Dialect {
    /// The error as an event, and the end, as OpenAI's streams have them.
    package mutating func appendFailure(_ error: ErrorBody, to bytes: inout [UInt8]) {
        ServerSentEvent.append(error, to: &bytes)
        ServerSentEvent.appendDone(to: &bytes)
    }
}

/// The body of an answer that isn't streamed.
package enum WholeBody: Sendable {
    /// JSON.
    case bytes([UInt8])
    /// JSON too large to be in memory as a whole.
    case pieces(any AnswerBody)
}
