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
        temperature = try reader.number("temperature", in: .notNegative) ?? 1
        // -1 is what other servers call no limit.
        topK = max(0, try reader.integer("top_k", in: -1...Int.max) ?? 0)
        topP = try reader.number("top_p", in: .positiveProbability) ?? 1
        topPMin = try reader.number("top_p_min", in: .probability) ?? 0
        minP = try reader.number("min_p", in: .probability) ?? 0
        repetitionPenalty = try reader.number("repetition_penalty", in: .positive) ?? 1
        presencePenalty = try reader.number("presence_penalty", in: .any) ?? 0
        frequencyPenalty = try reader.number("frequency_penalty", in: .any) ?? 0
        logitBias = try Self.logitBias(&reader, limit: limits.logitBiases)
        seed = try Self.seed(&reader)
        minTokens = try reader.integer("min_tokens", in: 0...Int.max) ?? 0
        stop = try Self.stop(&reader, limits: limits)
        stopTokenIDs = try Self.stopTokenIDs(&reader, limit: limits.stopTokenIDs)
        includeStopInOutput = try reader.bool("include_stop_str_in_output") ?? false
        ignoreEOS = try reader.bool("ignore_eos") ?? false
        skipSpecialTokens = try reader.bool("skip_special_tokens") ?? true
        spacesBetweenSpecialTokens = try reader.bool("spaces_between_special_tokens") ?? true
        truncatePromptTokens = try reader.integer("truncate_prompt_tokens", in: 1...Int.max)
        n = try reader.integer("n", in: 1...limits.choices) ?? 1
        bestOf = try reader.integer("best_of", in: 1...limits.choices) ?? n
        guard bestOf >= n else {
            throw .invalid(field: "best_of", message: "best_of (\(bestOf)) cannot be less than n (\(n))")
        }
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
        let entries = try reader.object("logit_bias") ?? [:]
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
        guard let values = try reader.array("stop_token_ids") else { return [] }
        try FieldReader.checkCount(values.count, "stop_token_ids", "a list of", atMost: limit, "ids")
        return try FieldReader.tokens(values, "stop_token_ids")
    }

    private static func seed(_ reader: inout FieldReader) throws(ValidationError) -> UInt64? {
        guard let value = reader.given("seed") else { return nil }
        if case .number(let number) = value, let seed = UInt64(exactly: number) { return seed }
        return UInt64(bitPattern: Int64(try FieldReader.integer(value, "seed")))
    }

    private static func stop(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) -> [String] {
        let stops: [String]
        switch reader.given("stop") {
        case nil: return []
        case .string(let text): stops = [text]
        case .array(let values):
            try FieldReader.checkCount(values.count, "stop", "a list of", atMost: limits.stopStrings, "strings")
            var texts: [String] = []
            for (index, value) in values.enumerated() { texts.append(try FieldReader.string(value, "stop[\(index)]")) }
            stops = texts
        case .some(let value):
            throw .wrongType(field: "stop", expected: "a string or an array of strings", found: value.kindName)
        }
        guard !stops.contains("") else { throw .invalid(field: "stop", message: "stop must not be an empty string") }
        let size = stops.reduce(0) { $0 + $1.utf8.count }
        try FieldReader.checkCount(size, "stop", "text of", atMost: limits.stopBytes, "bytes")
        return stops
    }
}
