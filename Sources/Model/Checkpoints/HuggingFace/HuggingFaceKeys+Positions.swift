internal import Glibc
internal import OrderedJSON

extension HuggingFaceKeys {
    /// The object with the values of rotary scaling: of all layers, or of those without a window.
    func ropeObject(windowed: Bool = false) throws(CheckpointError) -> JSONFile? {
        guard let object = try file.object(name("rope_parameters", "rope_scaling")) else { return nil }
        return try object.object(windowed ? "sliding_attention" : "full_attention") ?? object
    }

    /// The key that says how rotary embeddings are stretched.
    func ropeType(_ object: JSONFile) -> String { object["rope_type"] == nil ? "type" : "rope_type" }

    /// The base of the rotary wavelengths.
    func ropeBase(windowed: Bool = false) throws(CheckpointError) -> Double {
        let key = "rope_theta"
        if let stated = try ropeObject(windowed: windowed)?.number(key) {
            guard stated > 0, stated <= 1e12 else {
                throw file.outOfRange(key, "\(stated)", "more than 0 and at most 1e12")
            }
            return stated
        }
        if windowed, let local = try positive("rope_local_base_freq") { return local }
        return try positive(name(key, "rotary_emb_base")) ?? 10_000
    }

    /// Rotated dimensions of a head.
    func rotaryDimensions(keyLength: Int) throws(CheckpointError) -> Int {
        if let latent = try latent() { return latent.rotaryLength }
        guard architecture != .gpt2, architecture != .bert else { return keyLength & ~1 }
        let key = name("partial_rotary_factor", "rotary_pct", "rope_pct")
        let nested = try ropeObject()?.number("partial_rotary_factor")
        let share = try file.number(key) ?? nested ?? 1
        guard share > 0, share <= 1 else { throw file.outOfRange(key, "\(share)", "more than 0 and at most 1") }
        let count = Int(Double(keyLength) * share)
        guard count > 0, count % 2 == 0 else {
            throw file.outOfRange(key, "\(share)", "such that an even number of a head's \(keyLength) dimensions turn")
        }
        return count
    }

    /// How rotary embeddings are stretched.
    func ropeScaling(windowed: Bool = false, dimensions: Int) throws(CheckpointError) -> RopeScaling {
        // Gemma 3 stretches those of layers without a window only; its newer files say so themselves.
        guard let rope = try ropeObject(windowed: windowed) else { return .none }
        if windowed, architecture == .gemma3, try file.object("rope_parameters") == nil { return .none }
        let reader = RopeScalingKeys(rope: rope, context: try contextLength(), whole: file)
        return try reader.scaling(try rope.string(ropeType(rope)) ?? "default", dimensions: dimensions)
    }

    /// The window and the layers that have it.
    func slidingWindow(layers: Int) throws(CheckpointError) -> (size: Int?, layers: [Bool]) {
        let none = (size: Int?.none, layers: Array(repeating: false, count: layers))
        // These have the key and a flag that says whether it counts.
        if [.qwen2, .qwen3, .qwen2MoE, .qwen3MoE, .smolLM3].contains(architecture), try !flag("use_sliding_window") {
            return none
        }
        guard let window = try file.integer("sliding_window", in: 0...1 << 30), window > 0 else { return none }
        if let types = try file.strings("layer_types") {
            guard types.count == layers else {
                throw file.outOfRange(
                    "layer_types",
                    "a list of \(types.count)",
                    "a list with a type for each of \(layers) layers"
                )
            }
            return (window, types.map { $0 == "sliding_attention" })
        }
        let last = try file.integer("max_window_layers", in: 0...1 << 20) ?? 28
        let period = try size(name("sliding_window_pattern", "_sliding_window_pattern"), limit: 4096, fallback: 2)
        let isWindowed: (Int) -> Bool
        switch architecture {
        case .qwen2, .qwen3: isWindowed = { $0 >= last }
        case .qwen2MoE: isWindowed = { $0 % 2 == 0 && $0 < last }
        case .gemma2, .gptOSS: isWindowed = { $0 % 2 == 0 }
        case .gemma3, .cohere2: isWindowed = { ($0 + 1) % period != 0 }
        case .smolLM3:
            let rotates = try ropeLayers(layers: layers, windowed: none.layers)
            isWindowed = { !rotates[$0] }
        default: isWindowed = { _ in true }
        }
        return (window, (0..<layers).map(isWindowed))
    }

    /// Which layers rotate.
    func ropeLayers(layers: Int, windowed: [Bool]) throws(CheckpointError) -> [Bool] {
        switch architecture {
        case .gpt2, .bert: return Array(repeating: false, count: layers)
        case .cohere2: return windowed
        case .smolLM3:
            if let flags = try file.numbers("no_rope_layers") {
                guard flags.count == layers else {
                    let limit = "a list with a number for each of \(layers) layers"
                    throw file.outOfRange("no_rope_layers", "a list of \(flags.count)", limit)
                }
                return flags.map { $0 != 0 }
            }
            let interval = try size("no_rope_layer_interval", limit: 4096, fallback: 4)
            return (0..<layers).map { ($0 + 1) % interval != 0 }
        default: return Array(repeating: true, count: layers)
        }
    }
}
