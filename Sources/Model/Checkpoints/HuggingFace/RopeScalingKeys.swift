internal import Glibc

/// The values of rotary scaling in `config.json`, with the meaning that `transformers` gives them.
struct RopeScalingKeys {
    /// `rope_scaling`, or `rope_parameters`.
    let rope: JSONFile
    /// The longest sequence.
    let context: Int
    /// The model's part of the file, which also has some of the values.
    let whole: JSONFile

    /// The scaling of a type.
    ///
    /// - Throws: `CheckpointError` naming the key that is missing or can't be used.
    func scaling(_ type: String, dimensions: Int) throws(CheckpointError) -> RopeScaling {
        switch type {
        case "default": return .none
        case "linear":
            let factor = try factor()
            return factor == 1 ? .none : .linear(factor: factor)
        case "dynamic": return .dynamic(factor: try factor(), originalContextLength: context)
        case "yarn": return .yarn(try yarn())
        case "llama3":
            let (low, high) = (try rope.positive("low_freq_factor") ?? 1, try rope.positive("high_freq_factor") ?? 4)
            guard low < high else { throw rope.outOfRange("low_freq_factor", "\(low)", "less than \(high)") }
            let original = try originalContext()
            return .llama3(factor: try factor(), low: low, high: high, originalContextLength: original)
        case "longrope", "su": return try longRope(dimensions: dimensions)
        case let other:
            let key = rope["rope_type"] == nil ? "type" : "rope_type"
            throw rope.outOfRange(
                key,
                "'\(other.prefix(64))'",
                "one of default, linear, dynamic, yarn, llama3, longrope"
            )
        }
    }

    private func factor() throws(CheckpointError) -> Double {
        guard let factor = try rope.positive("factor") else { throw rope.missing("factor") }
        guard factor >= 1 else { throw rope.outOfRange("factor", "\(factor)", "at least 1") }
        return factor
    }

    /// The context of training: what the model says comes before what the scaling says.
    private func originalContext() throws(CheckpointError) -> Int {
        let key = "original_max_position_embeddings"
        let nested = try rope.integer(key, in: 2...1 << 30)
        return try whole.integer(key, in: 2...1 << 30) ?? nested ?? context
    }

    private func yarn() throws(CheckpointError) -> YarnScaling {
        let original = try originalContext()
        let factor = rope["factor"] == nil ? max(1, Double(context) / Double(original)) : try factor()
        return YarnScaling(
            factor: factor,
            originalContextLength: original,
            extrapolationFactor: 1,
            // Ours multiplies the paper's temperature.
            attentionFactor: try temperature(factor) / (1 + 0.1 * log(factor)),
            betaFast: try rope.positive("beta_fast") ?? 32,
            betaSlow: try rope.positive("beta_slow") ?? 1,
            roundsBorders: try rope.bool("truncate") ?? true,
        )
    }

    /// What cosines and sines are multiplied with.
    private func temperature(_ factor: Double) throws(CheckpointError) -> Double {
        if let stated = try rope.positive("attention_factor") { return stated }
        func temperature(_ scale: Double) -> Double { 1 + 0.1 * scale * log(factor) }
        let (scale, all) = (try rope.number("mscale") ?? 0, try rope.number("mscale_all_dim") ?? 0)
        guard scale != 0, all != 0 else { return temperature(1) }
        for (key, value) in [("mscale", scale), ("mscale_all_dim", all)] where value < 0 || value > 1e3 {
            throw rope.outOfRange(key, "\(value)", "from 0 to 1000")
        }
        return temperature(scale) / temperature(all)
    }

    private func longRope(dimensions: Int) throws(CheckpointError) -> RopeScaling {
        let original = try originalContext()
        let factor = try rope.positive("factor") ?? Double(context) / Double(original)
        let usual = factor <= 1 ? 1 : (1 + log(factor) / log(Double(original))).squareRoot()
        return .longRope(
            short: try divisors("short_factor", count: dimensions / 2),
            long: try divisors("long_factor", count: dimensions / 2),
            originalContextLength: original,
            magnitude: try rope.positive("attention_factor") ?? usual
        )
    }

    private func divisors(_ key: String, count: Int) throws(CheckpointError) -> [Double] {
        guard let divisors = try rope.numbers(key) else { throw rope.missing(key) }
        guard divisors.count == count else {
            throw rope.outOfRange(
                key,
                "a list of \(divisors.count)",
                "a list of \(count): one for each pair of dimensions"
            )
        }
        if let wrong = divisors.first(where: { !($0 > 0 && $0 <= 1e12) }) {
            throw rope.outOfRange(key, "\(wrong)", "more than 0 and at most 1e12")
        }
        return divisors
    }
}
