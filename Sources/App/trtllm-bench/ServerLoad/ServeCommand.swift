internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import NIOPosix

/// A load test of a running server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "A running OpenAI-compatible server under load: rates, latencies, goodput."
    )

    @OptionGroup var options: LoadOptions

    mutating func run() async throws {
        // One thread is enough for all connections, and leaves the rest of the machine to the server.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await measure(LoadTest(options: options, server: ServerAddress(options.baseURL), group: group))
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func measure(_ test: LoadTest) async throws {
        let model: String
        if let given = options.model { model = given } else { model = try await test.firstModel() }
        let result = await test.run(model: model)
        try LoadReport(options: options, model: model, server: test.server, result: result).publish()
        guard let first = result.failures.first else { return }
        let share = result.times.isEmpty ? "all \(result.failures.count)" : "\(result.failures.count)"
        FileHandle.standardError.write(Data("\(share) requests failed; the first: \(first)\n".utf8))
        if result.times.isEmpty { throw ExitCode.failure }
    }
}
