package import ArgumentParser
package import Models

/// How many processes compute the model that is measured, and what each has.
package struct LayoutOptions: ParsableArguments {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(name: [.customLong("tp_size"), .customLong("tp")], help: "Processes among which every layer is cut.")
    package var tensorParallelSize = 1

    @Option(
        name: [.customLong("pp_size"), .customLong("pp")],
        help: "Groups of processes that have some of the layers each."
    )
    package var pipelineParallelSize = 1

    @Option(
        name: [.customLong("ep_size"), .customLong("ep")],
        help: "Parts of a tensor parallel group among which experts are dealt; default: 1."
    )
    package var expertParallelSize: Int?

    @Option(
        name: .customLong("pp_partition"),
        parsing: .upToNextOption,
        help: "Layers of each of pp_size groups; default: so that all take as long."
    )
    package var stageLayers: [Int] = []

    @Option(
        name: .customLong("num_micro_batches"),
        help: "Batches of different requests that are computed at the same time; default and at most: pp_size."
    )
    package var microBatchCount: Int?

    /// Which process has what.
    ///
    /// - Throws: `ModelError.badLayout` when sizes don't fit each other.
    package var layout: RankLayout {
        get throws(ModelError) {
            try RankLayout(
                tensorParallel: tensorParallelSize,
                pipelineParallel: pipelineParallelSize,
                expertParallel: expertParallelSize,
                stageLayers: stageLayers.isEmpty ? nil : stageLayers
            )
        }
    }

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        do throws(ModelError) {
            _ = try layout
        } catch {
            throw ValidationError("\(error)")
        }
        try OptionRange.check("num_micro_batches", microBatchCount, in: 1...pipelineParallelSize)
    }
}
