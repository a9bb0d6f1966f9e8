internal import ArgumentParser
internal import CommandSupport

/// The flags of LoRA adapters; `nil` where nothing was given.
package struct AdapterOptions: ParsableArguments, Sendable {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Flag(name: .customLong("enable_lora"), help: "Let requests name LoRA adapters.")
    var isEnabled = false
    @Option(
        name: .customLong("lora_modules"),
        help: "A LoRA adapter that requests may name, NAME=DIRECTORY; may be repeated."
    )
    var modules: [String] = []
    @Option(name: .customLong("max_lora_rank"), help: "Largest rank of adapters (default: 64).")
    var maxRank: Int?
    @Option(name: .customLong("max_loras"), help: "Most adapters in one iteration (default: 4).")
    var maxAtOnce: Int?
    @Option(name: .customLong("max_cpu_loras"), help: "Most adapters in memory (default: 4, or max_loras).")
    var maxHeld: Int?
    @Flag(
        name: .customLong("allow_runtime_lora_updating"),
        help: "Let whoever may send requests load adapters from any directory, and unload them."
    )
    var allowsAnyPath = false

    /// Ranks that are supported.
    static let ranks = 1...512
    /// Adapters at once and in memory.
    static let counts = 1...1024

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        try OptionRange.check("--max_lora_rank", maxRank, in: Self.ranks)
        try OptionRange.check("--max_loras", maxAtOnce, in: Self.counts)
        try OptionRange.check("--max_cpu_loras", maxHeld, in: Self.counts)
        for module in modules where AdapterSettings.Module(option: module) == nil {
            throw ValidationError("--lora_modules is '\(module)', but must be NAME=DIRECTORY")
        }
    }
}
