internal import OrderedJSON
public import RequestParameters

/// How to sample and when to stop: the fields that completions and chats share, checked and with their defaults.
public struct SamplingFields: Sendable, Hashable {
    /// How tokens are chosen, as far as the vocabulary needn't be known for it: without `logitBias`.
    public var parameters = SamplingParameters()
    /// `logit_bias`: token id -> [-100, 100], in the order given.
    public var logitBias: [LogitBias] = []
    /// `allowed_token_ids`: the only tokens that may be chosen, not yet compared with the vocabulary.
    public var allowedTokenIDs: [Int]?
    /// `bad_words`, none of them empty.
    public var badWords: [String] = []
    /// `cache_salt`, not empty: only requests with the same one share prefixes in the KV cache.
    public var cacheSalt: String?
    /// `lora_request`; `nil` for the model alone, or the adapter that `model` names.
    public var adapter: AdapterReference?
    /// `max_tokens`; `nil` is as many as fit.
    public var maxTokens: Int?
    /// `min_tokens`.
    public var minTokens = 0
    /// `n`, at least 1.
    public var n = 1
    /// `best_of`, at least `n`.
    public var bestOf = 1
    /// `use_beam_search` and what goes with it, `bestOf` beams.
    public var beams: BeamSearchParameters?
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
        parameters.temperature = try reader.number("temperature", in: .notNegative, default: 1)
        // -1 is what other servers call no limit.
        parameters.topK = max(0, try reader.integer("top_k", in: -1...Int.max, default: 0))
        parameters.topP = try reader.number("top_p", in: .positiveProbability, default: 1)
        parameters.topPDecay = try reader.number("top_p_decay", in: .positiveProbability, default: 1)
        parameters.topPMin = try reader.number("top_p_min", in: .probability, default: 0)
        parameters.topPResetToken = try reader.integer("top_p_reset_ids", in: -1...Int(Int32.max))
            .flatMap { $0 < 0 ? nil : Int32($0) }
        parameters.minP = try reader.number("min_p", in: .probability, default: 0)
        parameters.repetitionPenalty = try reader.number("repetition_penalty", in: .positive, default: 1)
        parameters.presencePenalty = try reader.number("presence_penalty", in: .any, default: 0)
        parameters.frequencyPenalty = try reader.number("frequency_penalty", in: .any, default: 0)
        logitBias = try Self.logitBias(&reader, limit: limits.logitBiases)
        parameters.seed = try Self.seed(&reader)
        allowedTokenIDs = try Self.allowedTokenIDs(&reader, limit: limits.logitBiases)
        badWords = try Self.badWords(&reader, limits: limits)
        cacheSalt = try Self.cacheSalt(&reader)
        adapter = try AdapterReference.read(&reader, limits: limits)
        minTokens = try reader.integer("min_tokens", in: 0...Int.max, default: 0)
        stop = try Self.stop(&reader, limits: limits)
        stopTokenIDs = try Self.stopTokenIDs(&reader, limit: limits.stopTokenIDs)
        includeStopInOutput = try reader.bool("include_stop_str_in_output", default: false)
        ignoreEOS = try reader.bool("ignore_eos", default: false)
        skipSpecialTokens = try reader.bool("skip_special_tokens", default: true)
        spacesBetweenSpecialTokens = try reader.bool("spaces_between_special_tokens", default: true)
        truncatePromptTokens = try reader.integer("truncate_prompt_tokens", in: 1...Int.max)
        n = try reader.integer("n", in: 1...limits.choices, default: 1)
        bestOf = try reader.integer("best_of", in: 1...limits.choices) ?? n
        guard bestOf >= n else {
            throw .invalid(field: "best_of", message: "best_of (\(bestOf)) cannot be less than n (\(n))")
        }
        beams = try Self.beams(&reader, width: bestOf, parameters)
    }

    /// Checks that all prompts of a request together don't ask for too many choices.
    func checkChoices(prompts: Int, limit: Int) throws(ValidationError) {
        let (total, isTooLarge) = bestOf.multipliedReportingOverflow(by: prompts)
        guard !isTooLarge, total <= limit else {
            let field = bestOf > n ? "best_of" : "n"
            let product = "\(field) is \(bestOf) and the number of prompts is \(prompts)"
            let message = "\(product), but the choices of one request must be at most \(limit) together"
            throw .invalid(field: field, message: message)
        }
    }

    private static func logitBias(_ reader: inout FieldReader, limit: Int) throws(ValidationError) -> [LogitBias] {
        let entries = try reader.object("logit_bias", of: .number(.bias)) ?? [:]
        try FieldReader.checkCount(entries.count, "logit_bias", "an object of", atMost: limit, "entries")
        var biases: [LogitBias] = []
        biases.reserveCapacity(entries.count)
        for (key, value) in entries {
            guard let token = Int(key) else {
                let message = "Invalid logit_bias key '\(key.excerpt)': must be a valid integer token ID"
                throw .invalid(field: "logit_bias", message: message)
            }
            let bias = try FieldReader.number(value, "logit_bias['\(key)']", in: .bias)
            biases.append(LogitBias(token: token, bias: bias))
        }
        return biases
    }

    private static func stopTokenIDs(_ reader: inout FieldReader, limit: Int) throws(ValidationError) -> [Int] {
        guard let values = try reader.array("stop_token_ids", of: .token) else { return [] }
        try FieldReader.checkCount(values.count, "stop_token_ids", "a list of", atMost: limit, "ids")
        return try FieldReader.tokens(values, "stop_token_ids")
    }

    private static func seed(_ reader: inout FieldReader) throws(ValidationError) -> UInt64? {
        guard let value = reader.given("seed", .integer(.min ... .max)) else { return nil }
        if case .number(let number) = value, let seed = UInt64(exactly: number) { return seed }
        return UInt64(bitPattern: Int64(try FieldReader.integer(value, "seed")))
    }
}
