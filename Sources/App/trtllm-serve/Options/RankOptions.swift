internal import ArgumentParser
internal import CommandSupport
internal import Parallel

/// How many processes compute the model together, and how they are connected.
package struct RankOptions: ParsableArguments, Sendable {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(
        name: [.customLong("tp_size"), .customLong("tensor_parallel_size")],
        help: "Tensor parallel size: processes among which every layer is cut (default: 1)."
    )
    var tensorParallelSize: Int?
    @Option(
        name: [.customLong("pp_size"), .customLong("pipeline_parallel_size")],
        help: "Pipeline parallel size: groups of processes that have some of the layers each (default: 1)."
    )
    var pipelineParallelSize: Int?
    @Option(
        name: [.customLong("ep_size"), .customLong("moe_expert_parallel_size")],
        help: "Expert parallel size: parts of a tensor parallel group among which experts are dealt (default: 1)."
    )
    var expertParallelSize: Int?
    @Option(
        name: [.customLong("cluster_size"), .customLong("moe_cluster_parallel_size")],
        help: "Clusters within which experts are dealt, times ep_size (default: 1)."
    )
    var clusterParallelSize: Int?
    @Option(
        name: .customLong("num_micro_batches"),
        help: "Batches of different requests that stages compute at the same time (default and at most: pp_size)."
    )
    var microBatchCount: Int?
    @Option(
        name: .customLong("gpus_per_node"),
        help: "Processes that a host takes (default: as many as are started on it)."
    )
    var gpusPerNode: Int?
    @Option(
        name: .customLong("rank_transport"),
        help: "What carries data between processes: 'auto' (shared memory within a host, else TCP), 'tcp' or 'mpi'."
    )
    var transport: RankWorld.Transport?
    @Option(
        name: .customLong("rank_wire"),
        help: "How sums travel between processes: 'float32' (default), or 'bfloat16': half the bytes, rounded."
    )
    var wire: WireFormat?
    @Flag(
        name: .customLong("restart_workers"),
        help: "When a process is lost, start all anew and serve on, instead of ending."
    )
    var restartWorkers = false

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        for (name, value) in [
            ("--tp_size", tensorParallelSize), ("--pp_size", pipelineParallelSize), ("--ep_size", expertParallelSize),
            ("--cluster_size", clusterParallelSize), ("--gpus_per_node", gpusPerNode),
            ("--num_micro_batches", microBatchCount),
        ] { try OptionRange.check(name, value, in: OptionRange.parallelSize) }
    }
}
