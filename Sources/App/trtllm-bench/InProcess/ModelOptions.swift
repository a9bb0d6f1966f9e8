internal import ArgumentParser
internal import Checkpoints
internal import Models
internal import Tensors

/// The model that is looked at without an engine, and how it computes.
package struct ModelOptions: ParsableArguments {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(name: .customLong("model"), help: "GGUF file or checkpoint directory.")
    var path: String

    @Option(name: .customLong("num_threads"), help: "Threads to compute with; default: what the machine grants.")
    var threadCount: Int?

    @Option(
        name: .customLong("kv_cache_dtype"),
        help: "How the KV cache stores numbers; default: \(KVCacheType.automatic.rawValue).",
        transform: BenchOptions.cacheType
    )
    var cacheType = KVCacheType.automatic

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        try OptionRange.check("num_threads", threadCount, in: OptionRange.threads)
    }

    /// Opens the checkpoint and loads the model.
    func load() throws -> (checkpoint: Checkpoint, model: DecoderModel) {
        try KernelLevel.checkForced()
        let checkpoint = try Checkpoint.open(path: path)
        let pool = try ThreadPool(threadCount: threadCount ?? HostTopology.current.threadCount)
        return (checkpoint, try DecoderModel.load(checkpoint: checkpoint, pool: pool, cacheType: cacheType))
    }
}
