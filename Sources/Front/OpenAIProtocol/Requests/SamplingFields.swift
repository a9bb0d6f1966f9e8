import OrderedJSON

/// How to sample and when to stop: the fields that completions and chats share, checked and with their defaults.
public struct SamplingFields: Sendable, Hashable {
    /// `temperature`, at least 0.
    public var temperature: Float = 1
    /// `top_k`; 0 is no limit.
    public var topK = 0
    /// `top_p` in (0, 1].
    public var topP: Float = 1
    /// `top_p_min` in [0, 1]; 0 is unset.
    public var topPMin: Float = 0
    /// `min_p` in [0, 1].
    public var minP: Float = 0
    /// `repetition_penalty`, above 0.
    public var repetitionPenalty: Float = 1
    /// `presence_penalty`.
    public var presencePenalty: Float = 0
    /// `frequency_penalty`.
    public var frequencyPenalty: Float = 0
    /// `logit_bias`: token id -> [-100, 100], in the order given.
    public var logitBias: [LogitBias] = []
    /// `seed`, any 64 bits.
    public var seed: UInt64?
    /// `max_tokens`; `nil` is as many as fit.
    public var maxTokens: Int?
    /// `min_tokens`.
    public var minTokens = 0
    /// `n`, at least 1.
    public var n = 1
    /// `best_of`, at least `n`.
    public var bestOf = 1
    /// `stop`, none of them empty.
    public var stop: [String] = []
    /// `stop_token_ids`.
    public var stopTokenIDs: [Int] = []
    /// `include_stop_str_in_output`.
    public var includeStopInOutput = false
    /// `ignore_eos`.
    public var ignoreEOS = false
    /// `skip_special_tokens`.
    public var skipSpecialTokens = true
    /// `spaces_between_special_tokens`.
    public var spacesBetweenSpecialTokens = true
    /// `truncate_prompt_tokens`, at least 1.
    public var truncatePromptTokens: Int?

    /// One entry of `logit_bias`.
    public struct LogitBias: Sendable, Hashable {
        /// The token's id, not yet compared with the vocabulary.
        public var token: Int
        /// What is added to its logit.
        public var bias: Float
    }

    /// All defaults.
    public init() {}
}

extension SamplingFields {
    init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        temperature = try reader.nullableNumber("temperature", in: .notNegative) ?? 1
        topK = try reader.integer("top_k", default: 0, in: 0...Int.max)
        topP = try reader.nullableNumber("top_p", in: .positiveProbability) ?? 1
        topPMin = try reader.number("top_p_min", default: 0, in: .probability)
        minP = try reader.number("min_p", default: 0, in: .probability)
        repetitionPenalty = try reader.number("repetition_penalty", default: 1, in: .positive)
        presencePenalty = try reader.nullableNumber("presence_penalty", in: .any) ?? 0
        frequencyPenalty = try reader.nullableNumber("frequency_penalty", in: .any) ?? 0
        logitBias = try Self.logitBias(&reader)
        seed = try Self.seed(&reader)
        minTokens = try reader.integer("min_tokens", default: 0, in: 0...Int.max)
        stop = try Self.stop(&reader)
        stopTokenIDs = try reader.tokens("stop_token_ids") ?? []
        includeStopInOutput = try reader.bool("include_stop_str_in_output", default: false)
        ignoreEOS = try reader.bool("ignore_eos", default: false)
        skipSpecialTokens = try reader.bool("skip_special_tokens", default: true)
        spacesBetweenSpecialTokens = try reader.bool("spaces_between_special_tokens", default: true)
        truncatePromptTokens = try reader.nullableInteger("truncate_prompt_tokens", in: 1...Int.max)
        n = try reader.integer("n", default: 1, in: 1...limits.choices)
        bestOf = try reader.nullableInteger("best_of", in: 1...limits.choices) ?? n
        guard bestOf >= n else {
            throw .invalid(field: "best_of", message: "best_of (\(bestOf)) cannot be less than n (\(n))")
        }
    }

    /// The field that bounds the output.
    static func maxTokens(_ reader: inout FieldReader, _ key: String) throws(ValidationError) -> Int? {
        try reader.nullableInteger(key, in: 1...Int.max)
    }

    private static func logitBias(_ reader: inout FieldReader) throws(ValidationError) -> [LogitBias] {
        var biases: [LogitBias] = []
        for (key, value) in try reader.object("logit_bias") ?? [:] {
            guard let token = Int(key) else {
                let message = "Invalid logit_bias key '\(key)': must be a valid integer token ID"
                throw .invalid(field: "logit_bias", message: message)
            }
            let bias = try FieldReader.number(value, "logit_bias['\(key)']", in: .bias)
            biases.append(LogitBias(token: token, bias: bias))
        }
        return biases
    }

    private static func seed(_ reader: inout FieldReader) throws(ValidationError) -> UInt64? {
        guard let value = reader.given("seed") else { return nil }
        if case .number(let number) = value, let seed = UInt64(exactly: number) { return seed }
        return UInt64(bitPattern: Int64(try FieldReader.integer(value, "seed")))
    }

    private static func stop(_ reader: inout FieldReader) throws(ValidationError) -> [String] {
        let stops: [String]
        switch reader.given("stop") {
        case nil: return []
        case .string(let text): stops = [text]
        case .array(let values):
            var texts: [String] = []
            for (index, value) in values.enumerated() { texts.append(try FieldReader.string(value, "stop[\(index)]")) }
            stops = texts
        case .some(let value):
            throw .wrongType(field: "stop", expected: "a string or an array of strings", found: value.kindName)
        }
        guard !stops.contains("") else { throw .invalid(field: "stop", message: "stop must not be an empty string") }
        return stops
    }
}
