internal import CommandSupport
package import Models
package import Parallel

/// How a model is dealt to processes: `--tp_size` x `--pp_size` ranks.
package struct RankSettings: Sendable, Hashable {
    /// Which rank has what.
    package var layout = RankLayout.single
    /// Batches that are computed at the same time, when not one for each stage is.
    package var microBatches: Int?
    /// Ranks that a host takes, when someone says so.
    package var ranksPerHost: Int?
    package var transport = RankWorld.Transport.auto
    package var wire = WireFormat.float32
    /// Whether lost ranks are started again.
    package var restarts = false

    /// Number of ranks.
    package var size: Int { layout.size }

    /// One process.
    package init() {}

    /// Merges flags and options file.
    ///
    /// - Throws: `StartupError.invalid` when there would be too many ranks, or the sizes don't fit each other.
    init(_ options: RankOptions, _ file: OptionsFile) throws(StartupError) {
        let expert = file.integer("moe_expert_parallel_size") ?? options.expertParallelSize
        let cluster = file.integer("moe_cluster_parallel_size") ?? options.clusterParallelSize
        // Experts are dealt to clusters and within them alike: where each lies decides no bit.
        let (parts, overflow) = (expert ?? 1).multipliedReportingOverflow(by: cluster ?? 1)
        do throws(ModelError) {
            layout = try RankLayout(
                tensorParallel: file.integer("tensor_parallel_size") ?? options.tensorParallelSize ?? 1,
                pipelineParallel: file.integer("pipeline_parallel_size") ?? options.pipelineParallelSize ?? 1,
                expertTensorParallel: file.integer("moe_tensor_parallel_size"),
                expertParallel: expert == nil && cluster == nil ? nil : overflow ? .max : parts,
                stageLayers: file.integers("pp_partition")
            )
        } catch {
            throw .invalid("--tp_size, --pp_size and --ep_size don't fit each other: \(error)")
        }
        ranksPerHost = file.integer("gpus_per_node") ?? options.gpusPerNode
        transport = options.transport ?? transport
        wire = options.wire ?? wire
        restarts = options.restartWorkers
        microBatches = options.microBatchCount
        if let microBatches, microBatches > layout.pipelineParallel {
            throw .outOfRange(
                setting: "--num_micro_batches",
                value: "\(microBatches)",
                allowed: "at most pp_size, \(layout.pipelineParallel)"
            )
        }
        guard size <= RankIdentity.limit else {
            throw .outOfRange(setting: "tp_size x pp_size", value: "\(size)", allowed: "at most \(RankIdentity.limit)")
        }
    }

    /// What all ranks must have in common, one `name=value` each.
    var facts: [String] {
        [
            "--tp_size=\(layout.tensorParallel)", "--pp_size=\(layout.pipelineParallel)",
            "--ep_size=\(layout.expertParallel)", "--rank_transport=\(transport.rawValue)",
            "--rank_wire=\(wire.rawValue)",
            "pp_partition=\(layout.stageLayers.map { "\($0)" } ?? "")",
        ]
    }
}
