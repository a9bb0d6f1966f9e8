internal import Glibc

extension ConfigurationKeys {
    /// The layout by architecture: where the original has halves, llama.cpp's converter permutes some families' queries
    /// and keys to pairs.
    var rotaryLayout: RotaryLayout {
        switch architecture {
        case .llama, .granite, .graniteMoE, .smolLM3, .commandR, .cohere2, .deepseek2: .pairs
        default: .halves
        }
    }

    /// Rotated dimensions of a head: even, and no more than the head has.
    func ropeDimensionCount(keyLength: Int) throws(CheckpointError) -> Int {
        let name = "rope.dimension_count"
        let count = try size(name, limit: keyLength, fallback: keyLength)
        guard count % 2 == 0 else { throw outOfRange(name, "\(count)", "even") }
        return count
    }

    /// How rotary embeddings are stretched.
    ///
    /// A factor without a type is linear, as llama.cpp has it.
    func ropeScaling(contextLength: Int, tensorNames: Set<String>) throws(CheckpointError) -> RopeScaling {
        // Files from before the scaling types call the factor `rope.scale_linear`.
        let stated = try factor("rope.scaling.factor", "rope.scale_linear")
        switch try string("rope.scaling.type") ?? "linear" {
        case "none": return .none
        case "linear":
            guard let stated, stated != 1 else { return .none }
            return .linear(factor: stated)
        // The divisors are tensors, which are read later.
        case "longrope" where tensorNames.contains(GGUFRopeFactors.longName): return .none
        case "yarn":
            return .yarn(
                YarnScaling(
                    factor: stated ?? 1,
                    originalContextLength: try size(
                        "rope.scaling.original_context_length",
                        limit: 1 << 30,
                        fallback: contextLength
                    ),
                    extrapolationFactor: try factor("rope.scaling.yarn_ext_factor") ?? 1,
                    attentionFactor: try yarnAttentionFactor(stated ?? 1),
                    betaFast: try positive("rope.scaling.yarn_beta_fast") ?? 32,
                    betaSlow: try positive("rope.scaling.yarn_beta_slow") ?? 1,
                    roundsBorders: architecture != .gptOSS,
                )
            )
        case let other: throw outOfRange("rope.scaling.type", "'\(other)'", "one of none, linear, yarn")
        }
    }

    /// The window and the layers that have it.
    ///
    /// Some families alternate: so many windowed layers, then one without, unless the file has another period or a flag
    /// per layer. In others all layers have the window, if the file states one.
    func slidingWindow(layers: Int) throws(CheckpointError) -> (size: Int?, layers: [Bool]) {
        let none = (size: Int?.none, layers: Array(repeating: false, count: layers))
        let usual: Int
        switch architecture {
        case .gemma3: usual = 6
        case .cohere2: usual = 4
        case .gemma2, .gptOSS: usual = 2
        case .llama, .phi3, .starcoder2: usual = 0
        default: return none
        }
        let name = "attention.sliding_window"
        // Files write 0 for "no window".
        switch value(name) {
        case nil, .unsigned(0), .signed(0): return none
        default: break
        }
        let window = try size(name, limit: 1 << 30)
        let pattern = "attention.sliding_window_pattern"
        if let flags = flags(pattern) {
            guard flags.count == layers else {
                throw outOfRange(
                    pattern,
                    "an array of \(flags.count)",
                    "an array with a flag for each of \(layers) layers"
                )
            }
            return (window, flags)
        }
        guard usual > 0 else { return (window, Array(repeating: true, count: layers)) }
        let period = try size(pattern, limit: 4096, fallback: usual)
        return (window, (0..<layers).map { $0 % period < period - 1 })
    }

    /// Which layers rotate.
    func ropeLayers(layers: Int, windowed: [Bool]) -> [Bool] {
        switch architecture {
        case .gpt2, .bert: Array(repeating: false, count: layers)
        case .cohere2: windowed
        // SmolLM3's files don't say that every fourth doesn't.
        case .smolLM3: (0..<layers).map { ($0 + 1) % 4 != 0 }
        default: Array(repeating: true, count: layers)
        }
    }

    /// LongRoPE with the divisors that two tensors hold.
    func longRope(short: [Double], long: [Double], contextLength: Int) throws(CheckpointError) -> RopeScaling {
        .longRope(
            short: short,
            long: long,
            originalContextLength: try size(
                "rope.scaling.original_context_length",
                limit: 1 << 30,
                fallback: contextLength
            ),
            magnitude: try factor("rope.scaling.attn_factor") ?? 1
        )
    }

    /// The rotary base of windowed layers: Gemma 3's default where the file doesn't say.
    func windowedRopeBase(_ base: Double) throws(CheckpointError) -> Double {
        guard architecture == .gemma3 else { return base }
        return try positive("rope.freq_base_swa") ?? 10_000
    }

    /// What the paper's temperature is multiplied with; in DeepSeek's models it is in the scores instead.
    private func yarnAttentionFactor(_ stretch: Double) throws(CheckpointError) -> Double {
        if let stated = try factor("rope.scaling.yarn_attn_factor", "rope.scaling.attn_factor") { return stated }
        return architecture == .deepseek2 && stretch > 1 ? 1 / (1 + 0.1 * log(stretch)) : 1
    }

    /// The first of some factors that is stated; 0 stands for "not stated".
    private func factor(_ names: String...) throws(CheckpointError) -> Double? {
        for name in names {
            switch value(name) {
            case nil, .float(0), .unsigned(0), .signed(0): continue
            default: return try positive(name)
            }
        }
        return nil
    }
}
