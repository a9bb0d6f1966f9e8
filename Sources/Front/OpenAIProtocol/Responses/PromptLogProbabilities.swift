/// A token with its log-probability, and how many tokens are as probable or more.
public struct RankedToken: Sendable, Hashable {
    /// The token.
    public var id: Int32
    /// Its bytes, perhaps only part of a character.
    public var bytes: [UInt8]
    /// Natural logarithm of its probability.
    public var logProbability: Float
    /// Its place among all, from 1; `nil` when it is none of the most probable that were asked for.
    public var rank: Int?

    /// A ranked token.
    public init(id: Int32, bytes: [UInt8], logProbability: Float, rank: Int?) {
        self.id = id
        self.bytes = bytes
        self.logProbability = logProbability
        self.rank = rank
    }
}

/// `prompt_logprobs` of a completion's choice or of a chat, in the shape of vLLM: an object for each token of the prompt, by token id.
enum PromptLogProbabilities {
    /// Appends the member behind others where there is one, `[null,{"5":{"logprob":-0.1,"rank":1,"decoded_token":"a"}},...]`;
    /// the token that is there comes first.
    static func append(_ positions: [[RankedToken]?]?, to bytes: inout [UInt8]) {
        guard let positions else { return }
        bytes.put(",\"prompt_logprobs\":")
        bytes.put(list: positions) { bytes, tokens in
            bytes.put(optional: tokens) { bytes, tokens in
                bytes.put("{")
                for (index, token) in tokens.enumerated() {
                    if index > 0 { bytes.put(",") }
                    append(token, to: &bytes)
                }
                bytes.put("}")
            }
        }
    }

    private static func append(_ token: RankedToken, to bytes: inout [UInt8]) {
        bytes.put("\"")
        bytes.put(integer: token.id)
        bytes.put("\":{\"logprob\":")
        bytes.put(logProbability: token.logProbability)
        bytes.put(",\"rank\":")
        bytes.put(optional: token.rank) { $0.put(integer: $1) }
        bytes.put(",\"decoded_token\":")
        bytes.put(string: String(decoding: token.bytes, as: UTF8.self))
        bytes.put("}")
    }
}
