/// What an answer says beside its text, as vLLM's clients ask for it; chats and completions share it.
public struct ReportFields: Sendable, Hashable {
    /// `return_tokens_as_token_ids`: tokens of log-probabilities are called `token_id:5` instead of by their texts.
    public var namesTokensByID = false
    /// `return_token_ids`: the ids of the prompt and of the output come too.
    public var returnsTokenIDs = false
    /// `request_id`: what the answer's id ends with, instead of random digits.
    public var requestID: String?

    /// All defaults.
    public init() {}

    init(_ reader: inout FieldReader) throws(ValidationError) {
        namesTokensByID = try reader.bool("return_tokens_as_token_ids", default: false)
        returnsTokenIDs = try reader.bool("return_token_ids", default: false)
        requestID = try reader.string("request_id")
        guard let id = requestID else { return }
        guard 1...128 ~= id.utf8.count, id.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            let message = "request_id must be 1 to 128 visible ASCII characters"
            throw .invalid(field: "request_id", message: message)
        }
    }
}
