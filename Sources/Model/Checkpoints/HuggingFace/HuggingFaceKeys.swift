internal import OrderedJSON

/// A model's `config.json`, read with its limits.
struct HuggingFaceKeys {
    /// The family.
    let architecture: ModelArchitecture
    /// Whether the checkpoint's class has no output matrix.
    let isHeadless: Bool
    /// The name of the class.
    let className: String
    /// The text model's part of the file, over the class's defaults.
    let file: JSONFile
    /// All of the file, which may have more than text.
    let wholeFile: JSONFile

    /// Reads `config.json` of a directory and finds out the architecture.
    ///
    /// - Throws: `CheckpointError` if the file is missing or broken, doesn't say, or the architecture isn't supported.
    init(directory: String) throws(CheckpointError) {
        let path = "\(directory)/config.json"
        guard let whole = try JSONFile(path: path) else { throw .unreadable(file: path, reason: "no such file") }
        guard let name = try whole.strings("architectures")?.first else { throw whole.missing("architectures") }
        guard let found = HuggingFaceArchitectures.architecture(name) else {
            let known = HuggingFaceArchitectures.known
            throw .unsupportedArchitecture(file: path, name: name, supported: known)
        }
        let text = try whole.object("text_config") ?? whole
        var members = HuggingFaceArchitectures.defaults(found.architecture)
        for (key, value) in text.members where !value.isNull { members[key] = value }
        architecture = found.architecture
        isHeadless = found.isHeadless
        className = name
        wholeFile = whole
        file = JSONFile(file: path, prefix: text.prefix, members: members)
    }

    /// The first of some names for one thing that the file has; the first if it has none.
    func name(_ names: String...) -> String { names.first { file[$0] != nil } ?? names[0] }

    /// A positive integer up to `limit`.
    func size(_ name: String, limit: Int, fallback: Int? = nil) throws(CheckpointError) -> Int {
        if let value = try file.integer(name, in: 1...limit) { return value }
        guard let fallback else { throw file.missing(name) }
        return fallback
    }

    /// A number above 0; `nil` if the key is missing.
    func positive(_ name: String) throws(CheckpointError) -> Double? {
        try file.positive(name)
    }

    /// A flag, false if the key is missing.
    func flag(_ name: String) throws(CheckpointError) -> Bool { try file.bool(name) ?? false }

    /// How weights were quantized, which models of more than text say outside of their text part; `nil` if they weren't.
    func quantization() throws(CheckpointError) -> QuantizationScheme? {
        if let scheme = try QuantizationScheme(file) { return scheme }
        return try QuantizationScheme(wholeFile)
    }

    /// Refuses variants of a class that compute something else.
    func rejectUnsupportedParts() throws(CheckpointError) {
        for (key, reason) in [
            ("alibi", "ALiBi is not supported"), ("scale_attn_by_inverse_layer_idx", "it is not supported"),
            ("use_bidirectional_attention", "it is not supported"),
        ] where try flag(key) {
            throw file.outOfRange(key, "true", "false: \(reason)")
        }
        if let type = try file.string("position_embedding_type"), type != "absolute" {
            throw file.outOfRange("position_embedding_type", "'\(type.prefix(64))'", "absolute")
        }
        if architecture == .deepseek2, let step = try file.integer("moe_layer_freq", in: 1...4096), step != 1 {
            throw file.outOfRange("moe_layer_freq", "\(step)", "1")
        }
    }
}

// MARK: Sizes

extension HuggingFaceKeys {
    /// Number of layers.
    func layerCount() throws(CheckpointError) -> Int { try size(name("num_hidden_layers", "n_layer"), limit: 4096) }

    /// Width of the residual stream.
    func width() throws(CheckpointError) -> Int { try size(name("hidden_size", "n_embd"), limit: 1 << 20) }

    /// Longest sequence in training, where RoBERTa's first positions aren't any.
    func contextLength() throws(CheckpointError) -> Int {
        let key = name("max_position_embeddings", "n_positions")
        let length = try size(key, limit: 1 << 30)
        guard length > firstPosition else { throw file.outOfRange(key, "\(length)", "more than \(firstPosition)") }
        return length - firstPosition
    }

    /// The first row of the learned positions that is one: RoBERTa counts from behind the padding token.
    var firstPosition: Int {
        guard architecture == .bert, !className.hasPrefix("Bert") else { return 0 }
        return ((try? file.integer("pad_token_id", in: 0...1 << 20)) ?? 1) + 1
    }

    /// Key and value heads.
    func headCountKV(_ heads: Int) throws(CheckpointError) -> Int {
        if architecture == .falcon, try !flag("new_decoder_architecture") {
            return try file.bool("multi_query") ?? true ? 1 : heads
        }
        let key = name("num_key_value_heads", "num_kv_heads", "n_head_kv")
        let count = try size(key, limit: 1 << 16, fallback: heads)
        guard heads % count == 0 else {
            throw file.outOfRange(key, "\(count)", "a divisor of the number of heads, \(heads)")
        }
        return count
    }

    /// Widths of key and value heads.
    func headLengths(width: Int, heads: Int) throws(CheckpointError) -> (key: Int, value: Int) {
        if let latent = try latent() { return (latent.plainLength + latent.rotaryLength, latent.valueLength) }
        if let length = try file.integer("head_dim", in: 1...1 << 16) { return (length, length) }
        guard width % heads == 0 else {
            throw file.outOfRange(
                name("hidden_size", "n_embd"),
                "\(width)",
                "a multiple of \(heads), the number of heads"
            )
        }
        return (width / heads, width / heads)
    }

    /// Width of the feed-forward part.
    func feedForwardLength(width: Int) throws(CheckpointError) -> Int {
        let usual = [.gpt2, .falcon].contains(architecture) ? 4 * width : nil
        return try size(name("intermediate_size", "n_inner", "ffn_hidden_size"), limit: 1 << 24, fallback: usual)
    }

    /// The nonlinearity of the feed-forward part.
    func activation() throws(CheckpointError) -> Activation {
        // Gemma's files have two keys, of which the second counts.
        let key = name("hidden_activation", "activation_function", "activation", "hidden_act")
        switch try file.string(key) ?? "silu" {
        case "silu", "swish": return .silu
        case "gelu": return .gelu
        case "gelu_new", "gelu_fast", "gelu_pytorch_tanh": return .geluTanh
        case "relu": return .relu
        case "relu2": return .reluSquared
        case let other:
            let limit = "silu, gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu or relu2"
            throw file.outOfRange(key, "'\(other.prefix(64))'", limit)
        }
    }

    /// What is added in norms: to the mean square, or to the variance.
    func epsilon() throws(CheckpointError) -> Double {
        let key =
            architecture.hasLayerNorms
            ? name("layer_norm_eps", "layer_norm_epsilon", "norm_epsilon", "rms_norm_eps") : "rms_norm_eps"
        let value: Double
        switch try file.number(key) {
        case let stated?: value = stated
        case nil where architecture == .gpt2 || architecture == .falcon: value = 1e-5
        case nil: throw file.missing(key)
        }
        guard value >= 0, value < 1 else { throw file.outOfRange(key, "\(value)", "from 0 to less than 1") }
        return value
    }
}
