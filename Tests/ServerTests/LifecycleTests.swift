import Engine
import Generation
import Logging
import OrderedJSON
import Server
import Synchronization
import Testing

@Suite struct LifecycleTests {
    private static let good = #"{"model":"m","prompt":"a"}"#

    @Test func whileLoadingEverythingIsAnsweredWith503() async throws {
        try await TestServer.run(nil) { server in
            server.application.report(progress: "loading the model: 42 %")
            let health = try await server.get("/health")
            #expect(health.status == 503)
            #expect(health.body == "loading the model: 42 %")
            for path in ["/v1/completions", "/v1/chat/completions", "/tokenize", "/detokenize"] {
                let answer = try await server.post(path, "{}")
                #expect(answer.status == 503)
                #expect(answer.fields["retry-after"] == "1")
                #expect(answer.json["error"]?["type"] == "ServiceUnavailableError")
                #expect(answer.json["message"]?.stringValue?.contains("42 %") == true)
            }
            #expect(try await server.get("/v1/models").status == 200)
            #expect(try await server.get("/metrics").body == "[]")
            server.application.becomeReady(.fake(ScriptedBackend(), TestServer.FakeEngine()))
            #expect(try await server.get("/health").status == 200)
        }
    }

    @Test func aModelThatIsLostRefusesRequestsUntilThereIsAnother() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let running = server.post("/v1/completions", Self.good)
            let submission = try #require(await backend.nextSubmission())
            server.application.becomeUnready(reason: "rank 1 is lost")
            let health = try await server.get("/health")
            #expect(health.status == 503 && health.body == "rank 1 is lost")
            let refused = try await server.post("/v1/completions", Self.good)
            #expect(refused.status == 503 && refused.json["message"]?.stringValue?.contains("rank 1 is lost") == true)
            submission.send(.text("x", count: 1, finish: .init(.length)))
            submission.finish()
            #expect(try await running.status == 200)
            server.application.becomeReady(.fake(ScriptedBackend(), TestServer.FakeEngine()))
            #expect(try await server.get("/health").status == 200)
        }
    }

    @Test func runningRequestsFinishWhileNewOnesAreRefused() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let running = server.post("/v1/completions", Self.good)
            let submission = try #require(await backend.nextSubmission())
            server.application.beginShutdown()
            #expect(try await server.get("/health").status == 503)
            let refused = try await server.post("/v1/completions", Self.good)
            #expect(refused.status == 503)
            #expect(refused.fields["retry-after"] != nil && refused.fields["connection"] == "close")
            submission.send(.text("x", count: 1, finish: .init(.length)))
            submission.finish()
            #expect(try await running.json["choices"]?.arrayValue?[0]["text"] == "x")
        }
    }

    @Test func requestsThatOutlastTheDrainAreEnded() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend, .test { $0.drainTimeout = 0.05 }) { server in
            let connection = try await server.connect()
            await connection.post("/v1/completions", Self.good)
            let submission = try #require(await backend.nextSubmission())
            server.application.beginShutdown()
            await submission.waitUntilAbandoned()
            let answer = try await connection.answer()
            #expect(answer.status == 503 && answer.fields["connection"] == "close")
            #expect(answer.json["error"]?["type"] == "ServiceUnavailableError")
            #expect(await connection.isClosedByServer())
        }
    }

    @Test func aStreamThatOutlastsTheDrainEndsWithAnError() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend, .test { $0.drainTimeout = 0.05 }) { server in
            let connection = try await server.connect()
            await connection.post("/v1/completions", #"{"model":"m","prompt":"a","stream":true}"#)
            let submission = try #require(await backend.nextSubmission())
            submission.send(.started(cachedTokens: 0), .text("x", count: 1))
            _ = try await connection.read(through: "\"text\":\"x\"")
            server.application.beginShutdown()
            let rest = try await connection.read(through: "\r\n0\r\n\r\n")
            #expect(rest.contains("\"type\":\"ServiceUnavailableError\""))
            #expect(rest.contains("data: [DONE]\n\n"))
            #expect(await connection.isClosedByServer())
        }
    }

    @Test func aClientThatReadsNothingDoesNotKeepTheServerFromEnding() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend, .test { $0.drainTimeout = 0.05 }) { server in
            let connection = try await server.connectSlowly()
            await connection.post("/v1/completions", #"{"model":"m","prompt":"a","stream":true}"#)
            let submission = try #require(await backend.nextSubmission())
            for count in 1...32 { submission.send(.large(256 << 10, count: count)) }
            // Half read: the stream waits for the client to read on.
            _ = try await connection.read(count: 1 << 10)
            server.application.beginShutdown()
            await submission.waitUntilAbandoned()
        }
    }

    @Test func whileDrainingEveryAnswerEndsItsConnection() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let idle = try await server.connect()
            await idle.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await idle.answer().fields["connection"] == nil)
            async let running = server.post("/v1/completions", Self.good)
            let submission = try #require(await backend.nextSubmission())
            server.application.beginShutdown()
            await idle.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            let last = try await idle.answer()
            #expect(last.status == 503 && last.fields["connection"] == "close")
            submission.send(.text("x", count: 1, finish: .init(.length)))
            submission.finish()
            #expect(try await running.fields["connection"] == "close")
        }
    }

    /// As in a failed start: whatever is connecting or asking at that moment just loses its connection.
    @Test func aServerCancelledAmongConnectingClientsEnds() async throws {
        for round in 0..<40 {
            let application = ServingApplication(configuration: .test(), logger: Logger(label: "test"))
            let running = Task { try await application.run() }
            let port = try await application.waitUntilBound()
            let clients = Task {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            while !Task.isCancelled, let connection = try? await Connection(port: port) {
                                await connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                if round % 2 == 0 { _ = try? await connection.answer() }
                            }
                        }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(2))
            running.cancel()
            _ = await running.result
            #expect(application.openConnections == 0)
            clients.cancel()
            await clients.value
        }
    }

    @Test func aBusyPortFailsAtOnce() async throws {
        try await TestServer.run { server in
            let configuration = ServingConfiguration(host: "127.0.0.1", port: server.port, modelName: "m", version: "1")
            let second = ServingApplication(configuration: configuration, logger: Logger(label: "test"))
            let expected = ServingError.bindFailed(
                host: "127.0.0.1",
                port: server.port,
                reason: "Address already in use"
            )
            await #expect(throws: expected) { try await second.run() }
            await #expect(throws: expected) { try await second.waitUntilBound() }
            #expect(expected.description == "Failed to bind socket to 127.0.0.1:\(server.port): Address already in use")
        }
    }

    @Test func localhostListensOnTheIPv4Loopback() async throws {
        let answer = try await TestServer.run(ScriptedBackend(), .test { $0.host = "localhost" }) {
            try await $0.get("/health")
        }
        #expect(answer.status == 200)
    }

    @Test func healthTurns503WhenTheEngineStalls() async throws {
        let time = Mutex(0.0)
        var engine = TestServer.FakeEngine()
        engine.activity.runningRequests = 1
        engine.activity.lastTick = 10
        engine.clock = EngineClock(monotonicSeconds: { time.withLock { $0 } }, wallSeconds: { 0 })
        let configuration = ServingConfiguration.test { $0.stallTimeout = 5 }
        try await TestServer.run(ScriptedBackend(), configuration, engine: engine) { server in
            time.withLock { $0 = 15 }
            #expect(try await server.get("/health").status == 200)
            time.withLock { $0 = 15.1 }
            let stalled = try await server.get("/health")
            #expect(stalled.status == 503)
            #expect(stalled.body == "LLM is unavailable. Please check the server logs for more details.")
        }
    }
}
