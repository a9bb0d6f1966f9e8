import ArgumentParser
import CommandSupport
import Models
import Parallel
import Testing
import trtllm_serve

/// How many ranks flags and options file ask for, and what of.
@Suite struct RankSettingsTests {
    private static func settings(_ arguments: [String], _ yaml: String = "") throws -> RankSettings {
        let options = try ServeOptions.parse(["m.gguf"] + arguments)
        return try ServeConfiguration(options, OptionsFile(yaml: yaml, file: "f")).ranks
    }

    @Test(arguments: [
        ([], "", [1, 1, 1, 1]), (["--tp_size", "2"], "", [2, 1, 2, 1]), (["--pp_size", "3"], "", [1, 3, 1, 1]),
        (["--tp_size", "4", "--ep_size", "2"], "", [4, 1, 2, 2]),
        (["--tp_size", "8", "--ep_size", "2", "--cluster_size", "2"], "", [8, 1, 2, 4]),
        (["--tensor_parallel_size", "4"], "moe_tensor_parallel_size: 1", [4, 1, 1, 4]),
        (["--tp_size", "4"], "tensor_parallel_size: 2\npipeline_parallel_size: 2", [2, 2, 2, 1]),
    ]) func sizesOfExpertsFollowFromTheOthers(arguments: [String], yaml: String, sizes: [Int]) throws {
        let layout = try Self.settings(arguments, yaml).layout
        #expect(
            [layout.tensorParallel, layout.pipelineParallel, layout.expertTensorParallel, layout.expertParallel]
                == sizes
        )
    }

    @Test(arguments: [
        (["--tp_size", "2", "--ep_size", "3"], ""), (["--ep_size", "2"], ""), (["--tp_size", "5000"], ""),
        (["--tp_size", "100", "--pp_size", "100"], ""), (["--pp_size", "2"], "pp_partition: [3, 4, 5]"),
        (["--pp_size", "2"], "pp_partition: [3, x]"), (["--pp_size", "2", "--num_micro_batches", "3"], ""),
        (["--tp_size", "4", "--ep_size", "2"], "moe_tensor_parallel_size: 4"),
        (["--tp_size", "2", "--ep_size", "65536", "--cluster_size", "65536"], ""),
    ]) func sizesThatDoNotFitAreRefused(arguments: [String], yaml: String) {
        #expect(throws: StartupError.self) { try Self.settings(arguments, yaml) }
    }

    @Test func theRestIsAsGiven() throws {
        let given = try Self.settings([
            "--rank_transport", "tcp", "--rank_wire", "bfloat16", "--restart_workers", "--gpus_per_node", "4",
        ])
        #expect(given.transport == .tcp && given.wire == .bfloat16 && given.restarts && given.ranksPerHost == 4)
        #expect(try Self.settings(["--gpus_per_node", "4"], "gpus_per_node: 2").ranksPerHost == 2)
        let staged = try Self.settings(["--pp_size", "2", "--num_micro_batches", "1"], "pp_partition: [10, 20]")
        #expect(staged.microBatches == 1 && staged.layout.stageLayers == [10, 20])
        let usual = try Self.settings([])
        #expect(usual.microBatches == nil && usual.layout.stageLayers == nil)
        #expect(usual.transport == .auto && usual.wire == .float32 && !usual.restarts && usual.ranksPerHost == nil)
    }
}
