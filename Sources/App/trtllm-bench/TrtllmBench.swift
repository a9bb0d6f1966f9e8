internal import ArgumentParser

/// Measures the engine in process, running servers, and the machine itself.
@main struct TrtllmBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trtllm-bench",
        abstract: "Measures how fast a model runs on this machine.",
        subcommands: [
            LatencyCommand.self, ThroughputCommand.self, ServeCommand.self, ProbeCommand.self, KernelsCommand.self,
            SchedulerCommand.self, LogitsCommand.self, EmbedCommand.self, CollectivesCommand.self, GrammarCommand.self,
        ],
    )
}
