import OpenAIProtocol
import OrderedJSON
import Testing

/// The completion in a JSON text merged over a minimal good one.
func completion(_ fields: String = "{}", limits: RequestLimits = RequestLimits()) throws -> CompletionRequest {
    try CompletionRequest(merged(#"{"model":"m","prompt":"Hi"}"#, fields), limits: limits)
}

/// The chat in a JSON text merged over a minimal good one.
func chat(_ fields: String = "{}", limits: RequestLimits = RequestLimits()) throws -> ChatCompletionRequest {
    let base = #"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#
    return try ChatCompletionRequest(merged(base, fields), limits: limits)
}

private func merged(_ base: String, _ fields: String) throws -> JSONObject {
    var object = try RequestBody.parse(Array(base.utf8))
    for (key, value) in try RequestBody.parse(Array(fields.utf8)) { object[key] = value }
    return object
}

/// What is wrong with a request; `nil` when nothing is.
func fault(_ read: () throws -> Void) -> ValidationError? {
    do {
        try read()
        return nil
    } catch {
        return error as? ValidationError
    }
}

/// A body and the words its refusal must hold.
struct Refused: Sendable, CustomTestStringConvertible {
    let fields: String
    let field: String
    let words: String

    init(_ fields: String, _ field: String, _ words: String) {
        self.fields = fields
        self.field = field
        self.words = words
    }

    var testDescription: String { fields }
}
