import Generation
import OpenAIProtocol
import OrderedJSON
import Server

/// The answer to `/generate`: `{"generated_text":...}`, or an event for each piece and one with the whole.
struct GenerateDialect: Dialect {
    private var text = ""

    mutating func append(_ event: GenerationEvent, prompt: Int, to bytes: inout [UInt8]) {
        guard case .piece(let piece, _) = event, !piece.text.isEmpty else { return }
        text += piece.text
        Self.append(["token": ["text": .string(piece.text)]], to: &bytes)
    }

    mutating func appendEnd(to bytes: inout [UInt8]) { Self.append(["generated_text": .string(text)], to: &bytes) }

    mutating func appendFailure(_ error: ErrorBody, to bytes: inout [UInt8]) {
        Self.append(["error": .string(error.message)], to: &bytes)
    }

    mutating func collect(_ event: GenerationEvent, prompt: Int) {
        if case .piece(let piece, _) = event { text += piece.text }
    }

    func body() -> WholeBody { .bytes(JSONValue.object(["generated_text": .string(text)]).serialized) }

    private static func append(_ event: JSONObject, to bytes: inout [UInt8]) {
        bytes += Array("data: \(JSONValue.object(event).serializedText)\n\n".utf8)
    }
}
