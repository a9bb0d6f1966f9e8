internal import ArgumentParser
internal import Glibc

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
        subcommands: [ServeCommand.self, TokenizeCommand.self, RenderCommand.self],
    )

    /// Parses and runs; usage errors end with status 2, others with 1, both with a message on standard error.
    static func main() async {
        StandardStreams.reserveNumbers()
        do {
            var command = try parseAsRoot(CommandLineRules.completed(Array(CommandLine.arguments.dropFirst())))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            quit(with: error)
        }
    }

    private static func quit(with error: any Error) -> Never {
        switch exitCode(for: error) {
        case .success:
            print(fullMessage(for: error))
            Glibc.exit(0)
        case .validationFailure:
            StandardStreams.complain(fullMessage(for: error))
            Glibc.exit(2)
        case let code:
            StandardStreams.complain("Error: \(error)")
            Glibc.exit(code.rawValue)
        }
    }
}
