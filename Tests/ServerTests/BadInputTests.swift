import Generation
import OrderedJSON
import Server
import Testing

@Suite struct BadInputTests {
    private static let good = #"{"model":"m","prompt":"a"}"#
    private static let backend = ScriptedBackend { _ in
        [.text("x", count: 1, finish: .init(.stop))]
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{\"a\":NaN}", String(repeating: "{", count: 100_000), "{\"a\":\"\\ud800\"}",
    ])
    func malformedBodiesAre400AndTheNextRequestWorks(body: String) async throws {
        try await TestServer.run(Self.backend) { server in
            for path in ["/v1/completions", "/v1/chat/completions", "/tokenize", "/detokenize"] {
                let connection = try await server.connect()
                await connection.post(path, body)
                let answer = try await connection.answer()
                #expect(answer.status == 400)
                #expect(answer.json["error"]?["type"] == "BadRequestError")
                await connection.post("/v1/completions", Self.good)
                #expect(try await connection.answer().status == 200)
            }
        }
    }

    @Test func invalidUTF8IsA400() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            await connection.send("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n{\"model\":\"")
            await connection.send([0xFF, 0xFE] + Array("\"}".utf8))
            #expect(try await connection.answer().status == 400)
        }
    }

    @Test func aBodyOverTheLimitIs413BeforeItIsSent() async throws {
        try await TestServer.run(Self.backend, .test { $0.maxBodyBytes = 1000 }) { server in
            let connection = try await server.connect()
            await connection.send("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
            let answer = try await connection.answer()
            #expect(answer.status == 413)
            #expect(answer.json["message"]?.stringValue?.contains("1000 bytes") == true)
            await connection.send(String(repeating: " ", count: 5000))
            await connection.post("/v1/completions", Self.good)
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test func aChunkedBodyOverTheLimitIs413() async throws {
        try await TestServer.run(Self.backend, .test { $0.maxBodyBytes = 1000 }) { server in
            let connection = try await server.connect()
            await connection.send("POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<5 { await connection.send("FA\r\n\(String(repeating: " ", count: 250))\r\n") }
            #expect(try await connection.answer().status == 413)
            await connection.send("0\r\n\r\n")
            await connection.post("/v1/completions", Self.good)
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test func aBodyOfExactlyTheLimitIsRead() async throws {
        try await TestServer.run(Self.backend, .test { $0.maxBodyBytes = Self.good.utf8.count }) { server in
            let fitting = try await server.post("/v1/completions", Self.good)
            #expect(fitting.status == 200)
            let larger = try await server.post("/v1/completions", Self.good + " ")
            #expect(larger.status == 413)
        }
    }

    @Test func aClientThatAsksWhetherToSendIsTold() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            let head = "POST /v1/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            await connection.send(head + "Content-Length: \(Self.good.utf8.count)\r\n\r\n")
            #expect(try await connection.answer().status == 100)
            await connection.send(Self.good)
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test func aBodyThatNeverArrivesIsA408() async throws {
        try await TestServer.run(Self.backend, .test { $0.bodyTimeout = 0.05 }) { server in
            let connection = try await server.connect()
            await connection.send("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            let answer = try await connection.answer()
            #expect(answer.status == 408)
            #expect(answer.json["error"]?["code"] == 408)
            #expect(await connection.isClosedByServer())
            #expect(try await server.post("/v1/completions", Self.good).status == 200)
            let page = try await server.get("/prometheus/metrics").body
            #expect(page.contains(/trtllm_request_errors_total\{.*code="408"\} 1\.0/))
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await TestServer.run(Self.backend, .test { $0.idleTimeout = 0.05 }) { server in
            let silent = try await server.connect()
            let partial = try await server.connect()
            await partial.send("GET /hea")
            #expect(await silent.isClosedByServer())
            #expect(await partial.isClosedByServer())
        }
    }

    @Test func whatIsNoHTTPIsA400AndTheConnectionEnds() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            await connection.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01] + [UInt8](repeating: 0, count: 200))
            #expect(try await connection.answer().status == 400)
            #expect(await connection.isClosedByServer())
        }
    }

    @Test func requestsSentTogetherAreAnsweredInOrder() async throws {
        try await TestServer.run(Self.backend) { server in
            let connection = try await server.connect()
            let request = "POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: "
            let bodies = ["a", "bb", "ccc"].map { #"{"prompt":"\#($0)"}"# }
            await connection.send(bodies.map { "\(request)\($0.utf8.count)\r\n\r\n\($0)" }.joined())
            for count in 2...4 { #expect(try await connection.answer().json["count"] == .integer(count)) }
        }
    }
}
