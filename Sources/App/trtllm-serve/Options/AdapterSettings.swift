internal import CommandSupport
internal import Foundation
internal import OpenAIProtocol

/// Which LoRA adapters there are, and what they may take.
package struct AdapterSettings: Sendable, Hashable {
    /// An adapter that is there from the start.
    package struct Module: Sendable, Hashable {
        package var name: String
        package var path: String
    }

    /// Whether there may be any.
    package private(set) var isEnabled = false
    package private(set) var modules: [Module] = []
    /// Largest rank, where there may be any.
    package private(set) var maxRank = 64
    /// Most in one iteration; 0 where there may be none.
    package private(set) var maxAtOnce = 0
    /// Most in memory; 0 where there may be none.
    package private(set) var maxHeld = 0
    /// The model's matrices that adapters may add to; `nil`: all that can be.
    package private(set) var matrices: Set<String>?
    /// Directories that requests may name, and others inside them.
    package private(set) var folders: [String] = []
    /// Whether requests may name any directory.
    package private(set) var allowsAnyPath = false

    /// What the reference and Hugging Face call the model's matrices.
    private static let names = [
        "attn_q": "attn_q", "attn_k": "attn_k", "attn_v": "attn_v", "attn_dense": "attn_output",
        "mlp_h_to_4h": "ffn_gate", "mlp_gate": "ffn_up", "mlp_4h_to_h": "ffn_down",
        "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
        "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
    ]
    /// Those that stand for several.
    private static let groups = [
        "attn_qkv": ["attn_q", "attn_k", "attn_v"], "mlp_gate_up": ["ffn_gate", "ffn_up"],
    ]

    /// Most in one iteration and in memory when nobody says how many.
    private static let usual = 4

    /// None.
    package init() {}

    /// What all ranks must have been started with, one `name=value` each.
    var facts: [String] {
        [
            "--enable_lora=\(isEnabled)", "--max_lora_rank=\(maxRank)", "--max_cpu_loras=\(maxHeld)",
            "lora_target_modules=\(matrices?.sorted().joined(separator: ",") ?? "all")",
        ]
    }

    /// Merges flags and file; the section replaces the flags of its keys.
    ///
    /// - Throws: `StartupError` for numbers that contradict each other, unknown modules, and directories without adapters.
    init(_ options: AdapterOptions, _ file: OptionsFile) throws(StartupError) {
        folders = file.texts("lora_config.lora_dir") ?? []
        allowsAnyPath = options.allowsAnyPath
        isEnabled = file.flag("enable_lora") ?? options.isEnabled
        if !options.modules.isEmpty || allowsAnyPath || file.hasSection("lora_config") { isEnabled = true }
        maxRank = file.integer("lora_config.max_lora_rank", "max_lora_rank") ?? options.maxRank ?? maxRank
        let atOnce = file.integer("lora_config.max_loras", "max_loras") ?? options.maxAtOnce ?? Self.usual
        let held =
            file.integer("lora_config.max_cpu_loras", "max_cpu_loras") ?? options.maxHeld ?? max(Self.usual, atOnce)
        guard held >= atOnce else {
            throw .outOfRange(
                setting: "max_cpu_loras",
                value: "\(held)",
                allowed: "at least max_loras (\(atOnce)): adapters that are used are in memory"
            )
        }
        if isEnabled { (maxAtOnce, maxHeld) = (atOnce, held) }
        if let targets = file.texts("lora_config.lora_target_modules"), !targets.isEmpty {
            matrices = try Self.matrices(targets)
        }
        modules = options.modules.compactMap(Module.init(option:))
        for folder in folders { modules += try Self.modules(in: folder) }
    }

    private static func matrices(_ targets: [String]) throws(StartupError) -> Set<String> {
        var matrices = Set<String>()
        for target in targets {
            guard let own = groups[target] ?? names[target].map({ [$0] }) else {
                throw .outOfRange(
                    setting: "lora_config.lora_target_modules",
                    value: "'\(target.excerpt)'",
                    allowed: "some of " + (Array(groups.keys) + Array(names.keys)).sorted().joined(separator: ", ")
                )
            }
            matrices.formUnion(own)
        }
        return matrices
    }

    /// A directory's adapter, or those of the directories in it; each is called as its directory.
    private static func modules(in folder: String) throws(StartupError) -> [Module] {
        let files = FileManager.default
        func isAdapter(_ path: String) -> Bool { files.fileExists(atPath: path + "/adapter_config.json") }
        if isAdapter(folder) { return [Module(name: URL(filePath: folder).lastPathComponent, path: folder)] }
        let names = (try? files.contentsOfDirectory(atPath: folder))?.sorted() ?? []
        let found = names.filter { isAdapter("\(folder)/\($0)") }.map { Module(name: $0, path: "\(folder)/\($0)") }
        guard !found.isEmpty else {
            throw .invalid("lora_config.lora_dir: \(folder) has no adapter_config.json, nor has a directory in it")
        }
        return found
    }
}

extension AdapterSettings.Module {
    /// The adapter of an option, NAME=DIRECTORY; `nil` for another text.
    init?(option: String) {
        let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        self.init(name: parts[0], path: parts[1])
    }
}
