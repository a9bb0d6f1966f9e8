import Generation
import OrderedJSON
import Server
import Testing

/// Connections and the bytes of their bodies are counted, all together.
@Suite struct ConnectionLimitTests {
    private static let good = #"{"model":"m","prompt":"a"}"#
    private static let health = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let backend = ScriptedBackend { _ in
        [.text("x", count: 1, finish: .init(.stop))]
    }

    @Test func oneMoreConnectionWaitsUntilAnotherEnds() async throws {
        let lines = LogLines()
        let full = "2 connections are open, which is the limit; new ones wait"
        try await TestServer.run(Self.backend, .test { $0.maxConnections = 2 }, logger: lines.logger) { server in
            let first = try await server.connect()
            let second = try await server.connect()
            for connection in [first, second] {
                await connection.send(Self.health)
                #expect(try await connection.answer().status == 200)
            }
            let third = try await server.connect()
            await third.send(Self.health)
            // Those that are open are served.
            for _ in 0..<20 {
                await first.send(Self.health)
                #expect(try await first.answer().status == 200)
            }
            #expect(server.application.openConnections == 2)
            #expect(lines.messages.filter { $0 == full }.count == 1)
            second.close()
            #expect(try await third.answer().status == 200)
            #expect(server.application.openConnections == 2)
        }
        #expect(lines.messages.contains("there is room for connections again"))
    }

    @Test func bodiesTogetherAreLimited() async throws {
        try await TestServer.run(Self.backend, .test { $0.maxPendingBodyBytes = 1000 }) { server in
            let head = "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"
            let part = String(repeating: " ", count: 600)
            let first = try await server.connect()
            await first.send(head + part)
            while server.application.pendingBytes < 600 { try await Task.sleep(for: .milliseconds(5)) }
            let second = try await server.connect()
            await second.send(head + part)
            let refused = try await second.answer()
            #expect(refused.status == 503 && refused.fields["retry-after"] == "1")
            #expect(refused.json["message"]?.stringValue?.contains("1000 bytes") == true)
            // Small ones still fit, and the refused one holds nothing.
            #expect(try await server.post("/v1/completions", Self.good).status == 200)
            while server.application.pendingBytes != 600 { try await Task.sleep(for: .milliseconds(5)) }
            first.close()
            while server.application.pendingBytes > 0 { try await Task.sleep(for: .milliseconds(5)) }
            let third = try await server.connect()
            await third.send(head + part + String(repeating: " ", count: 300 - Self.good.utf8.count) + Self.good)
            #expect(try await third.answer().status == 200)
        }
    }

    @Test func anAnnouncedBodyThatDoesNotComeHoldsNothing() async throws {
        try await TestServer.run(Self.backend, .test { $0.maxPendingBodyBytes = 1000 }) { server in
            var silent: [Connection] = []
            for _ in 0..<20 {
                let connection = try await server.connect()
                await connection.send("POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n")
                silent.append(connection)
            }
            #expect(try await server.post("/v1/completions", Self.good).status == 200)
        }
    }

    @Test func anAnswerThatIsNotTakenKeepsFurtherBodiesOut() async throws {
        let large = ScriptedBackend { _ in
            [.large(8 << 20, finish: .init(.stop))]
        }
        try await TestServer.run(large, .test { $0.maxPendingBodyBytes = 1 << 20 }) { server in
            let connection = try await server.connectSlowly()
            await connection.post("/v1/completions", Self.good)
            _ = try await connection.head()
            #expect(try await server.post("/tokenize", #"{"prompt":"a"}"#).status == 503)
            connection.close()
            while server.application.pendingBytes > 0 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await server.post("/tokenize", #"{"prompt":"a"}"#).status == 200)
        }
    }
}
