internal import ArgumentParser
internal import CommandSupport

/// `serve MODEL`: the server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves a model over HTTP.",
    )

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let file = try options.optionsFile.map { path throws(StartupError) in try OptionsFile(path: path) }
        try await Wiring(ServeConfiguration(options, file ?? OptionsFile())).run()
    }
}
