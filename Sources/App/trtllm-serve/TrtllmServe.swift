internal import ArgumentParser
internal import CommandSupport

/// The program: subcommands, and `serve` for everything else.
@main struct TrtllmServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trtllm-serve",
        abstract: "Serves a language model on ordinary CPUs behind the OpenAI HTTP API.",
        discussion: """
            'trtllm-serve MODEL [options]' is short for 'trtllm-serve serve MODEL [options]'; \
            'trtllm-serve serve --help' lists the options.
            """,
        version: programVersion,
        subcommands: [ServeCommand.self, TokenizeCommand.self, RenderCommand.self, CacheCommand.self],
    )

    /// Parses and runs; usage errors end with status 2, others with 1, both with a message on standard error.
    static func main() async {
        // Before the first wait: other threads open descriptors of their own.
        StandardStreams.reserveNumbers()
        await CommandEnd.run(TrtllmServe.self, try CommandLineRules.completed(Array(CommandLine.arguments.dropFirst())))
    }
}
