/// A file's configuration keys, `ARCHITECTURE.NAME`, read with their limits.
struct ConfigurationKeys {
    /// The family that the keys are prefixed with.
    let architecture: ModelArchitecture
    private let metadata: GGUFMetadata

    /// Finds out the architecture.
    ///
    /// - Throws: `CheckpointError` if the file doesn't say or it isn't supported.
    init(_ metadata: GGUFMetadata) throws(CheckpointError) {
        guard let name = try metadata.string("general.architecture") else {
            throw .missingKey(file: metadata.file, key: "general.architecture")
        }
        guard let architecture = ModelArchitecture(rawValue: name) else {
            let supported = ModelArchitecture.allCases.map(\.rawValue)
            throw .unsupportedArchitecture(file: metadata.file, name: name, supported: supported)
        }
        self.architecture = architecture
        self.metadata = metadata
    }

    /// Refuses variants of a family that the same name covers but that compute something else.
    func rejectUnsupportedParts() throws(CheckpointError) {
        if architecture != .bert, try metadata.bool(key("attention.causal")) == false {
            throw outOfRange("attention.causal", "false", "true: only models that generate text are supported")
        }
    }

    /// A positive integer up to `limit`.
    func size(_ name: String, limit: Int, fallback: Int? = nil) throws(CheckpointError) -> Int {
        if let value = try metadata.integer(key(name), in: 1...limit) { return value }
        guard let fallback else { throw missing(name) }
        return fallback
    }

    /// An integer; `nil` if the key is missing.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(CheckpointError) -> Int? {
        try metadata.integer(key(name), in: range)
    }

    /// A positive integer up to `limit` for each layer: one number for all, or an array.
    func perLayer(_ name: String, count: Int, limit: Int) throws(CheckpointError) -> [Int] {
        guard case .array(let array)? = metadata[key(name)] else {
            return Array(repeating: try size(name, limit: limit), count: count)
        }
        guard array.count == count else {
            throw outOfRange(name, "an array of \(array.count)", "an array with one number for each of \(count) layers")
        }
        let values = try metadata.integers(key(name)) ?? []
        for (layer, value) in values.enumerated() where value < 1 || value > limit {
            throw outOfRange("\(name)[\(layer)]", "\(value)", "from 1 to \(limit)")
        }
        return values
    }

    /// The vocabulary's size: as many as there are tokens, or what the configuration says in a file without tokens.
    func vocabularySize() throws(CheckpointError) -> Int {
        // Ids are 32-bit.
        let limit = Int(Int32.max)
        let tokens = "tokenizer.ggml.tokens"
        guard case .array(let array)? = metadata[tokens] else { return try size("vocab_size", limit: limit) }
        guard (1...limit).contains(array.count) else {
            throw .outOfRange(
                file: metadata.file,
                key: tokens,
                value: "an array of \(array.count)",
                limit: "1 to \(limit) tokens"
            )
        }
        return array.count
    }

    /// Kinds of segments, which have a key of the tokenizer.
    func tokenTypeCount() throws(CheckpointError) -> Int {
        try metadata.integer("tokenizer.ggml.token_type_count", in: 0...1 << 16) ?? 2
    }

    /// Key and value heads per layer; as many as query heads if the file doesn't say.
    func headCountsKV(_ heads: [Int]) throws(CheckpointError) -> [Int] {
        let name = "attention.head_count_kv"
        guard metadata[key(name)] != nil else { return heads }
        let kv = try perLayer(name, count: heads.count, limit: 1 << 16)
        for (heads, kv) in zip(heads, kv) where heads % kv != 0 {
            throw outOfRange(name, "\(kv)", "a divisor of attention.head_count, \(heads)")
        }
        return kv
    }

    /// The width of a head that follows from the others; `nil` if the file states both widths.
    func headLength(embedding: Int, heads: [Int]) throws(CheckpointError) -> Int? {
        if metadata[key("attention.key_length")] != nil, metadata[key("attention.value_length")] != nil { return nil }
        guard embedding % heads[0] == 0 else {
            let limit = "a multiple of attention.head_count, \(heads[0]), unless attention.key_length says otherwise"
            throw outOfRange("embedding_length", "\(embedding)", limit)
        }
        return embedding / heads[0]
    }

    /// What is added in the norms: to the mean square, or to the variance.
    func epsilon() throws(CheckpointError) -> Double {
        let name = architecture.hasLayerNorms ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"
        guard let value = try metadata.number(key(name)) else { throw missing(name) }
        guard value >= 0, value < 1 else { throw outOfRange(name, "\(value)", "from 0 to less than 1") }
        return value
    }

    /// A number above 0; `nil` if the key is missing.
    func positive(_ name: String) throws(CheckpointError) -> Double? {
        guard let value = try metadata.number(key(name)) else { return nil }
        guard value > 0, value <= 1e12 else { throw outOfRange(name, "\(value)", "more than 0 and at most 1e12") }
        return value
    }

    /// A cap; 0 stands for none.
    func softcapping(_ name: String) throws(CheckpointError) -> Double? {
        guard let value = try metadata.number(key(name)), value != 0 else { return nil }
        return try positive(name)
    }

    /// A flag.
    func bool(_ name: String) throws(CheckpointError) -> Bool? { try metadata.bool(key(name)) }

    /// A string.
    func string(_ name: String) throws(CheckpointError) -> String? { try metadata.string(key(name)) }

    /// A key's value as it stands.
    func value(_ name: String) -> GGUFValue? { metadata[key(name)] }

    /// A per-layer array of flags; `nil` if the key is missing or holds something else.
    func flags(_ name: String) -> [Bool]? {
        guard case .array(let array)? = metadata[key(name)] else { return nil }
        return array.bools
    }

    /// The error for a value that can't be used.
    func outOfRange(_ name: String, _ value: String, _ limit: String) -> CheckpointError {
        .outOfRange(file: metadata.file, key: key(name), value: value, limit: limit)
    }

    private func missing(_ name: String) -> CheckpointError { .missingKey(file: metadata.file, key: key(name)) }

    private func key(_ name: String) -> String { "\(architecture.rawValue).\(name)" }
}
