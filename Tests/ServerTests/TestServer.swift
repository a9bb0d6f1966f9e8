import Engine
import Generation
import Logging
import Server

/// A running server on a free port.
struct TestServer: Sendable {
    let application: ServingApplication
    let port: Int

    /// What the engine is said to do.
    struct FakeEngine: Sendable {
        var activity = EngineActivity()
        var statistics: @Sendable () -> [IterationStatistics] = { [] }
        var clock = EngineClock.system
        var embed: ServingModel.Embed?
    }

    /// Runs a server for the length of the body, ready with the backend unless there is none, and drains it.
    static func run<Value: Sendable>(
        _ backend: ScriptedBackend? = ScriptedBackend(),
        _ configuration: ServingConfiguration = .test(),
        engine: FakeEngine = FakeEngine(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: @Sendable (TestServer) async throws -> Value,
    ) async throws -> Value {
        let application = ServingApplication(configuration: configuration, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let server = TestServer(application: application, port: try await application.waitUntilBound())
            if let backend { application.becomeReady(.fake(backend, engine)) }
            do {
                let value = try await body(server)
                application.beginShutdown()
                try await group.waitForAll()
                return value
            } catch {
                application.beginShutdown()
                throw error
            }
        }
    }

    func connect() async throws -> Connection { try await Connection(port: port) }

    /// A client that hardly holds what it doesn't read.
    func connectSlowly() async throws -> Connection { try await Connection(port: port, receiveBuffer: 16 << 10) }

    func get(_ path: String) async throws -> Connection.Answer { try await send("GET", path) }

    /// A request without a body, with further header fields.
    func send(_ method: String, _ path: String, _ fields: String...) async throws -> Connection.Answer {
        let connection = try await connect()
        let lines = ["\(method) \(path) HTTP/1.1", "Host: x", "Content-Length: 0"] + fields
        await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return try await connection.answer()
    }

    func post(_ path: String, _ body: String) async throws -> Connection.Answer {
        let connection = try await connect()
        await connection.post(path, body)
        return try await connection.answer()
    }
}

extension ServingModel {
    /// A scripted backend over a fake engine.
    static func fake(_ backend: ScriptedBackend, _ engine: TestServer.FakeEngine) -> ServingModel {
        ServingModel(
            backend: backend,
            drainStatistics: engine.statistics,
            activity: { engine.activity },
            embed: engine.embed,
            clock: engine.clock,
            fingerprint: "fp_test",
        )
    }
}

extension ServingConfiguration {
    /// A free port of the loopback, with changes.
    static func test(_ change: (inout ServingConfiguration) -> Void = { _ in }) -> ServingConfiguration {
        var configuration = ServingConfiguration(host: "127.0.0.1", port: 0, modelName: "org/test", version: "1.2.3")
        configuration.drainTimeout = 20
        configuration.allowedHosts = ["x"]
        change(&configuration)
        return configuration
    }
}
