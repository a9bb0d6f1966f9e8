internal import Glibc
internal import OrderedJSON

/// What `adapter_config.json` of a PEFT directory says.
///
/// Format: https://huggingface.co/docs/peft/package_reference/lora
struct AdapterConfiguration {
    /// Its name in a directory.
    static let fileName = "adapter_config.json"
    /// Most bytes of it: a rank and an alpha for each module take a hundred each.
    private static let sizeLimit = 1 << 20
    /// Most ranks or alphas of modules.
    private static let mostPatterns = 4096
    /// Most steps of all their expressions together.
    private static let mostSteps = 1024
    /// How factors may have been made at first: those ways that leave the model's own weights as they are.
    private static let plainStarts = ["gaussian", "orthogonal", "eva"]
    /// What changes more than the products of linear layers, or these in another way.
    private static let unsupported = [
        "use_dora": "weights are scaled by DoRA", "use_qalora": "inputs are pooled by QALoRA",
        "lora_bias": "factors have biases", "modules_to_save": "whole modules are replaced",
        "trainable_token_indices": "embeddings of tokens are replaced",
        "target_parameters": "parameters that aren't of linear layers are changed",
        "layer_replication": "layers are repeated",
        "alora_invocation_tokens": "factors are active behind some tokens only",
        "arrow_config": "several adapters are mixed by a router", "use_bdlora": "factors are block-diagonal",
    ]

    /// Which modules are changed.
    private enum Targets {
        /// Those whose names end in one of these.
        case named([String])
        /// All linear layers but the output.
        case allLinear
        case pattern(ModulePattern)
    }

    private let file: JSONFile
    private let targets: Targets
    private let rank: Int
    private let alpha: Double
    private let isRankStabilized: Bool
    private let ranks: [(pattern: ModulePattern, value: Double)]
    private let alphas: [(pattern: ModulePattern, value: Double)]

    /// Reads a directory's file.
    ///
    /// - Throws: `CheckpointError` naming the key that is missing, wrong, or asks for what can't be done.
    init(directory: String) throws(CheckpointError) {
        let path = "\(directory)/\(Self.fileName)"
        guard let file = try JSONFile(path: path, sizeLimit: Self.sizeLimit) else {
            throw .unreadable(file: path, reason: "there is no such file, so the directory isn't an adapter of PEFT")
        }
        self.file = file
        let kind = try file.string("peft_type") ?? "missing"
        guard kind == "LORA" else { throw file.outOfRange("peft_type", String(kind.prefix(64)), "LORA") }
        try Self.refuse(file)
        guard let rank = try file.integer("r", in: 1...1 << 20) else { throw file.missing("r") }
        self.rank = rank
        alpha = try Self.alpha(file.number("lora_alpha") ?? 8, file, "lora_alpha")
        isRankStabilized = try file.bool("use_rslora") ?? false
        targets = try Self.targets(file)
        ranks = try Self.patterns(file, "rank_pattern")
        alphas = try Self.patterns(file, "alpha_pattern")
    }

    /// The bytes of a directory's file.
    static func bytes(_ directory: String) throws(CheckpointError) -> [UInt8] {
        try SmallFile.read("\(directory)/\(fileName)", limit: sizeLimit)
    }

    private static func refuse(_ file: JSONFile) throws(CheckpointError) {
        for (key, reason) in unsupported.sorted(by: { $0.key < $1.key }) {
            guard let value = file[key], value.isSet else { continue }
            throw .outOfRange(
                file: file.file,
                key: key,
                value: String(value.serializedText.prefix(64)),
                limit: "absent, null, false or empty: \(reason), which adapters here can't do"
            )
        }
        let bias = try file.string("bias") ?? "none"
        guard bias == "none" else {
            throw file.outOfRange("bias", String(bias.prefix(64)), "none: adapters can't change biases here")
        }
        if let start = file["init_lora_weights"]?.stringValue, !plainStarts.contains(start) {
            let limit = "true, false or one of \(plainStarts): others change the weights that the adapter is added to"
            throw file.outOfRange("init_lora_weights", String(start.prefix(64)), limit)
        }
    }

    private static func targets(_ file: JSONFile) throws(CheckpointError) -> Targets {
        guard let text = file["target_modules"]?.stringValue else {
            guard let names = try file.strings("target_modules") else { throw file.missing("target_modules") }
            return .named(names)
        }
        if text.lowercased() == "all-linear" { return .allLinear }
        return .pattern(try pattern(text, file, "target_modules"))
    }

    private static func patterns(
        _ file: JSONFile,
        _ key: String,
    ) throws(CheckpointError) -> [(pattern: ModulePattern, value: Double)] {
        guard let map = try file.object(key) else { return [] }
        guard map.members.count <= mostPatterns else {
            throw file.outOfRange(key, "\(map.members.count) modules", "at most \(mostPatterns)")
        }
        var patterns: [(pattern: ModulePattern, value: Double)] = []
        var steps = 0
        for (name, _) in map.members {
            guard let value = try map.number(name) else { continue }
            let pattern = try pattern(name, file, key)
            steps += pattern.stepCount
            guard steps <= mostSteps else { throw file.outOfRange(key, "too many expressions", "mostly plain names") }
            patterns.append((pattern, value))
        }
        return patterns
    }

    private static func pattern(
        _ text: String,
        _ file: JSONFile,
        _ key: String,
    ) throws(CheckpointError) -> ModulePattern {
        do {
            return try ModulePattern(text)
        } catch {
            throw file.outOfRange(key, "'\(text.prefix(64))'", "a regular expression that can be used: \(error.reason)")
        }
    }

    private static func alpha(_ value: Double, _ file: JSONFile, _ key: String) throws(CheckpointError) -> Double {
        guard value.isFinite, abs(value) <= 1e6 else { throw file.outOfRange(key, "\(value)", "at most 1e6") }
        return value
    }

    /// Whether a module is one that the adapter says it changes.
    func targets(_ module: String) -> Bool {
        switch targets {
        case .named(let names): names.contains { module == $0 || module.hasSuffix("." + $0) }
        case .allLinear: true
        case .pattern(let pattern): pattern.matches(module)
        }
    }

    /// The rank of a module's factors.
    ///
    /// - Throws: `CheckpointError` if it isn't in `1...limit`.
    func rank(of module: String, limit: Int) throws(CheckpointError) -> Int {
        let found = ranks.first { $0.pattern.matchesEnd(of: module) }
        let value = found?.value ?? Double(rank)
        guard let whole = Int(exactly: value), whole >= 1, whole <= limit else {
            let key = found == nil ? "r" : "rank_pattern"
            throw file.outOfRange(
                key,
                "\(value)",
                "an integer from 1 to \(limit), the largest rank that is served (max_lora_rank)"
            )
        }
        return whole
    }

    /// What a module's low-rank product is multiplied with.
    func scale(of module: String, rank: Int) throws(CheckpointError) -> Float {
        let found = alphas.first { $0.pattern.matchesEnd(of: module) }?.value
        let alpha =
            try found.map { value throws(CheckpointError) in
                try Self.alpha(value, file, "alpha_pattern")
            } ?? alpha
        return Float(alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank)))
    }
}

extension JSONValue {
    /// Whether Python takes it for true.
    fileprivate var isSet: Bool {
        switch self {
        case .null: false
        case .bool(let flag): flag
        case .integer(let number): number != 0
        case .number(let number): number != 0
        case .string(let text): !text.isEmpty
        case .array(let values): !values.isEmpty
        case .object(let members): !members.isEmpty
        }
    }
}
