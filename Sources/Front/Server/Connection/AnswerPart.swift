import HTTPTypes
import NIOCore

/// What an answer is written in: one whole reply, or a head, any number of bodies and an end.
enum AnswerPart: Sendable {
    case whole(Reply)
    case head(HTTPResponse)
    case body(ByteBuffer)
    case end
}
