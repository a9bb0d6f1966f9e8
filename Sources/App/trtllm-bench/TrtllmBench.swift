internal import ArgumentParser

/// Measures the engine in process, without a server in front of it.
@main struct TrtllmBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trtllm-bench",
        abstract: "Measures how fast a model runs on this machine.",
        subcommands: [LatencyCommand.self, ThroughputCommand.self, ProbeCommand.self],
    )
}
