import Generation
import OrderedJSON
import Server
import Testing

/// What HTTP asks of a connection.
@Suite struct ProtocolTests {
    private static let completion = #"{"model":"m","prompt":"a"}"#
    private static let streamed = #"{"model":"m","prompt":"a","stream":true}"#
    private static let backend = ScriptedBackend { _ in
        [.text("x", count: 1, finish: .init(.stop))]
    }

    private static func request(_ head: String, _ body: String = "") -> String {
        head + "\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    @Test func anOlderClientsConnectionEndsWithItsAnswer() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            await connection.send("GET /version HTTP/1.0\r\n\r\n")
            let answer = try await connection.answer()
            #expect(answer.status == 200 && answer.fields["connection"] == "close")
            #expect(answer.fields["transfer-encoding"] == nil)
            #expect(await connection.isClosedByServer())
        }
    }

    @Test func anOlderClientMayKeepItsConnection() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            for _ in 0..<2 {
                await connection.send("GET /version HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                let answer = try await connection.answer()
                #expect(answer.status == 200 && answer.fields["connection"] == "keep-alive")
            }
        }
    }

    @Test func aStreamToAnOlderClientIsNotChunkedAndEndsWithTheConnection() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            let head = "POST /v1/completions HTTP/1.0\r\nConnection: keep-alive"
            await connection.send(Self.request(head, Self.streamed))
            let answer = try await connection.head()
            #expect(answer.fields["transfer-encoding"] == nil && answer.fields["connection"] == "close")
            let body = await connection.rest()
            #expect(body.hasPrefix("data: {") && body.hasSuffix("data: [DONE]\n\n"))
        }
    }

    @Test(arguments: ["close", "Close", "close, TE", "TE,CLOSE", "keep-alive, close"])
    func aConnectionEndsWhenItsClientAsks(connectionField: String) async throws {
        try await TestServer.run(Self.backend) { server in
            for body in [Self.completion, Self.streamed] {
                let connection = try await server.connect()
                let head = "POST /v1/completions HTTP/1.1\r\nHost: x\r\nConnection: \(connectionField)"
                await connection.send(Self.request(head, body))
                let answer = try await connection.answer()
                #expect(answer.status == 200 && answer.fields["connection"] == "close")
                #expect(await connection.isClosedByServer())
            }
        }
    }

    /// What follows a request for another protocol isn't read as HTTP any more, so nothing may wait for its answer.
    @Test func aRequestForAnotherProtocolIsAnsweredAndEndsTheConnection() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            await connection.send(
                "GET /version HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"
            )
            let answer = try await connection.answer()
            #expect(answer.status == 200 && answer.fields["connection"] == "close")
            #expect(await connection.isClosedByServer())
        }
    }

    @Test(arguments: [
        ("GET /health HTTP/1.1\r\nHost: x\r\nbad name: y\r\n\r\n", 400), ("GET / HTTP/x\r\n\r\n", 400),
        ("\r\n\r\nGARBAGE\r\n\r\n", 400),
        ("POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST /tokenize HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", 400),
        ("GET /health HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
        ("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        ("GET /health HTTP/1.1\r\n\(String(repeating: "A: b\r\n", count: 200))\r\n", 431),
    ])
    func whatIsNoHTTPGetsAnErrorInBothShapesAndTheConnectionEnds(request: String, status: Int) async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            await connection.send(request)
            let answer = try await connection.answer()
            #expect(answer.status == status)
            #expect(answer.json["code"] == .integer(status) && answer.json["error"]?["code"] == .integer(status))
            #expect(status != 431 || answer.json["message"]?.stringValue?.contains("16384 bytes") == true)
            #expect(answer.fields["connection"] == "close" && answer.fields["x-request-id"] != nil)
            #expect(await connection.isClosedByServer())
        }
    }

    @Test(arguments: [
        "/health", "/version", "/v1/models", "/v1/models/org/test", "/metrics", "/prometheus/metrics",
    ])
    func headIsTheAnswerToGetWithoutItsBody(path: String) async throws {
        try await TestServer.run(Self.backend) { server in
            let get = try await server.get(path)
            let connection = try await server.connect()
            for _ in 0..<2 {
                await connection.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try await connection.head()
                #expect(head.status == get.status)
                #expect(head.fields["content-length"] == get.fields["content-length"])
                #expect(head.fields["content-type"] == get.fields["content-type"])
            }
        }
    }

    @Test func askingForTheHeadOfMetricsKeepsThem() async throws {
        var engine = TestServer.FakeEngine()
        engine.statistics = {
            Issue.record("the queue is emptied")
            return []
        }
        try await TestServer.run(Self.backend, engine: engine) { server in
            let connection = try await server.connect()
            await connection.send("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await connection.head().status == 200)
        }
    }

    @Test func aRequestToAWholeURLIsAnswered() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            await connection.send("GET http://x:1234/version?a=b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await connection.answer().json["version"] == "1.2.3")
        }
    }

    @Test func manyRequestsSentTogetherAreAllAnswered() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            let count = 1500
            let one = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
            async let sent: Void = connection.send(String(repeating: one, count: count))
            for _ in 0..<count { #expect(try await connection.answer().status == 200) }
            await sent
        }
    }

    @Test func aClientThatEndsItsSideAfterAQuickRequestGetsTheAnswer() async throws {
        try await TestServer.run(Self.backend) { server in
            for path in ["/version", "/nothing"] {
                let connection = try await server.connect()
                await connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                connection.closeOutput()
                #expect([200, 404].contains(try await connection.answer().status))
                #expect(await connection.isClosedByServer())
            }
        }
    }

    @Test func aBodyThatIsRefusedEarlyLeavesTheConnectionUsable() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            await connection.send("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n")
            #expect(try await connection.answer().status == 404)
            await connection.send(String(repeating: " ", count: 300_000))
            await connection.post("/v1/completions", Self.completion)
            #expect(try await connection.answer().status == 200)
        }
    }
}
