import Generation
import Testing

/// A client that leaves ends its requests, wherever they are.
@Suite(.timeLimit(.minutes(1))) struct DisconnectTests {
    private static let bodies = [
        ("/v1/completions", #"{"model":"m","prompt":"a"}"#),
        ("/v1/completions", #"{"model":"m","prompt":"a","stream":true}"#),
        ("/v1/chat/completions", #"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#),
        ("/v1/chat/completions", #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true}"#),
    ]

    @Test(arguments: bodies)
    func leavingWhileQueuedCancels(path: String, body: String) async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.post(path, body)
            let submission = try #require(await backend.nextSubmission())
            connection.close()
            await submission.waitUntilAbandoned()
        }
    }

    @Test(arguments: bodies)
    func leavingWhileRunningCancels(path: String, body: String) async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.post(path, body)
            let submission = try #require(await backend.nextSubmission())
            submission.send(.started(cachedTokens: 0), .text("x", count: 1))
            if body.contains("stream") { _ = try await connection.read(through: "x\"") }
            connection.close()
            await submission.waitUntilAbandoned()
        }
    }

    @Test func closingOnlyTheSendingSideCancelsToo() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.post(Self.bodies[0].0, Self.bodies[0].1)
            let submission = try #require(await backend.nextSubmission())
            connection.closeOutput()
            await submission.waitUntilAbandoned()
        }
    }

    @Test(arguments: ["false", "true"])
    func leavingCancelsEveryPrompt(stream: String) async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.post("/v1/completions", #"{"model":"m","prompt":["a","b","c"],"stream":\#(stream)}"#)
            var submissions: [ScriptedBackend.Submission] = []
            for _ in 0..<3 { submissions.append(try #require(await backend.nextSubmission())) }
            connection.close()
            for submission in submissions { await submission.waitUntilAbandoned() }
        }
    }

    @Test func leavingOnASecondRequestOfAConnectionCancelsToo() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.post("/v1/completions", #"{"model":"m","prompt":"a","stream":true}"#)
            let first = try #require(await backend.nextSubmission())
            first.send(.text("x", count: 1, finish: .init(.stop)))
            first.finish()
            #expect(try await connection.answer().body.hasSuffix("[DONE]\n\n"))
            await connection.post("/v1/completions", #"{"model":"m","prompt":"a"}"#)
            let second = try #require(await backend.nextSubmission())
            connection.close()
            await second.waitUntilAbandoned()
        }
    }

    @Test func promptsBeforeARefusedOneAreCancelled() async throws {
        // The first is submitted, the second refused: the first must not run on.
        let backend = ScriptedBackend(nil, refusing: { $0.promptText == "a" ? nil : .overloaded("full") })
        try await TestServer.run(backend) { server in
            async let answer = server.post("/v1/completions", #"{"model":"m","prompt":["a","b"]}"#)
            let first = try #require(await backend.nextSubmission())
            await first.waitUntilAbandoned()
            #expect(try await answer.status == 429)
        }
    }
}
