import Generation
import Logging
import OrderedJSON
import Server
import Testing

@Suite struct RequestIDTests {
    private static let backend = ScriptedBackend { _ throws(GenerationError) in throw .engine("out of luck") }

    private static func id(of path: String, _ fields: String = "") async throws -> String? {
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
            return try await connection.answer().fields["x-request-id"]
        }
    }

    @Test(arguments: ["/health", "/version", "/metrics", "/none", "/v1/completions"])
    func aNameIsTakenOver(path: String) async throws {
        let names = ["abc-1", String(repeating: "a", count: 128)]
        for name in names { #expect(try await Self.id(of: path, "X-Request-ID: \(name)\r\n") == name) }
    }

    @Test(arguments: [String(repeating: "a", count: 129), "caf\u{E9}", "a\tb"])
    func anUnfitNameIsReplaced(name: String) async throws {
        let id = try #require(try await Self.id(of: "/version", "X-Request-ID: \(name)\r\n"))
        #expect(id != name && id.wholeMatch(of: /req-[0-9a-f]{32}/) != nil)
    }

    @Test func everyRequestHasAnother() async throws {
        let ids = [try await Self.id(of: "/version"), try await Self.id(of: "/version")]
        #expect(ids[0] != nil && ids[0] != ids[1])
    }

    @Test func theLogNamesTheRequestThatFailed() async throws {
        let lines = LogLines()
        try await TestServer.run(Self.backend, logger: lines.logger) { server in
            let connection = try await server.connect()
            let body = #"{"model":"m","prompt":"a"}"#
            await connection.send(
                "POST /v1/completions HTTP/1.1\r\nHost: x\r\nX-Request-ID: abc-1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(try await connection.answer().status == 500)
        }
        #expect(lines.values(of: "request_id").contains("abc-1"))
    }
}
