import Generation
import Server
import Synchronization
import Testing

/// Who waits how long, and what a client may leave unread.
@Suite struct TimeoutTests {
    private static let streamed = #"{"model":"m","prompt":"a","stream":true}"#
    private static let end: [GenerationEvent] = [.end(.stop, count: 1)]

    /// A connection on which an answer has begun.
    ///
    /// On a slow machine one may be idle for too long before its request comes.
    private static func streaming(from server: TestServer) async throws -> Connection {
        while true {
            let connection = try await server.connect()
            await connection.post("/v1/completions", streamed)
            guard let head = try? await connection.head() else { continue }
            #expect(head.status == 200)
            return connection
        }
    }

    /// Its second request arrives while the first is streamed; its body never does.
    @Test func aRequestSentAheadDoesNotCutTheOneThatIsAnswered() async throws {
        let backend = ScriptedBackend()
        let configuration = ServingConfiguration.test {
            $0.bodyTimeout = 0.05
            $0.idleTimeout = 0.05
            $0.firstCommentDelay = 0.1
            $0.commentInterval = 0.1
        }
        try await TestServer.run(backend, configuration) { server in
            let connection = try await Self.streaming(from: server)
            let submission = try #require(await backend.nextSubmission())
            await connection.send("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
            // Three comments are six times the limits.
            for _ in 0..<3 { #expect(try await connection.chunk() == ": waiting\n\n") }
            submission.send(.text("x", count: 1, finish: .init(.stop)))
            submission.finish()
            _ = try await connection.read(through: "data: [DONE]\n\n")
            _ = try await connection.read(through: "0\r\n\r\n")
            #expect(try await connection.answer().status == 408)
        }
    }

    @Test func anAnswerMayTakeLongerThanAnIdleConnectionMayLive() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend, .test { $0.idleTimeout = 0.05 }) { server in
            let connection = try await Self.streaming(from: server)
            let submission = try #require(await backend.nextSubmission())
            try await Task.sleep(for: .milliseconds(300))
            submission.send(.text("x", count: 1, finish: .init(.stop)))
            submission.finish()
            _ = try await connection.read(through: "data: [DONE]\n\n\r\n0\r\n\r\n")
            #expect(await connection.isClosedByServer())
        }
    }

    @Test func aHeadThatDripsInIsNotWaitedForLongerThanAnIdleConnection() async throws {
        try await TestServer.run(ScriptedBackend(), .test { $0.idleTimeout = 0.3 }) { server in
            let connection = try await server.connect()
            await connection.send("GET /health HTTP/1.1\r\nHost: x\r\n")
            let dripping = Task {
                while !Task.isCancelled {
                    await connection.send("A: b\r\n")
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }
            #expect(await connection.isClosedByServer())
            dripping.cancel()
        }
    }

    @Test func aStreamThatIsNotReadIsCutAndItsGenerationCancelled() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend, .test { $0.unreadTimeout = 0.2 }) { server in
            let connection = try await server.connectSlowly()
            await connection.post("/v1/completions", Self.streamed)
            let submission = try #require(await backend.nextSubmission())
            // More than the kernel holds for a client that doesn't read.
            for count in 1...32 { submission.send(.large(256 << 10, count: count)) }
            await submission.waitUntilAbandoned()
            #expect(try await server.get("/health").status == 200)
        }
    }

    @Test func requestsWhoseAnswersAreNotReadStopBeingAnsweredAndTheConnectionIsCut() async throws {
        let answered = Mutex(0)
        let backend = ScriptedBackend { _ in
            answered.withLock { $0 += 1 }
            return [.large(256 << 10)] + Self.end
        }
        try await TestServer.run(backend, .test { $0.unreadTimeout = 0.2 }) { server in
            let connection = try await server.connectSlowly()
            let body = #"{"model":"m","prompt":"a"}"#
            let one = "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            await connection.send(String(repeating: one, count: 100))
            while server.application.openConnections > 0 { try await Task.sleep(for: .milliseconds(20)) }
            // What the kernel holds, not what was asked for.
            #expect(answered.withLock { $0 } < 50)
        }
    }

    @Test func aSlowReaderThatGoesOnReadingGetsEverything() async throws {
        let backend = ScriptedBackend { _ in [.large(8 << 20)] + Self.end }
        try await TestServer.run(backend, .test { $0.unreadTimeout = 2 }) { server in
            let connection = try await server.connectSlowly()
            await connection.post("/v1/completions", #"{"model":"m","prompt":"a"}"#)
            let length = try #require(try await connection.head().fields["content-length"].flatMap { Int($0) })
            // Longer than the limit all in all, far shorter between two readings.
            var left = length
            while left > 0 {
                left -= try await connection.read(count: min(left, 128 << 10)).utf8.count
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(length > 8 << 20)
        }
    }
}
