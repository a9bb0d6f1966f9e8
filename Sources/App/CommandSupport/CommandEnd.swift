package import ArgumentParser
internal import Glibc

/// How a program's command is run and ends.
package enum CommandEnd {
    /// Parses and runs; usage errors end with status 2, others with 1, both with a message on standard error.
    package static func run<Command: ParsableCommand>(
        _ type: Command.Type,
        _ arguments: @Sendable @autoclosure () throws -> [String]
    ) async {
        do {
            var command = try type.parseAsRoot(arguments())
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            quit(type, with: error)
        }
    }

    private static func quit<Command: ParsableCommand>(_ type: Command.Type, with error: any Error) -> Never {
        switch type.exitCode(for: error) {
        case .success:
            print(type.fullMessage(for: error))
            Glibc.exit(0)
        case .validationFailure:
            StandardStreams.complain(type.fullMessage(for: error))
            Glibc.exit(2)
        case let code:
            StandardStreams.complain("Error: \(error)")
            Glibc.exit(code.rawValue)
        }
    }
}
