import Generation
import OrderedJSON
import Server
import Testing

/// Which hosts and pages may send requests, and what browsers are told.
@Suite struct SenderTests {
    private static let backend = ScriptedBackend { _ in
        [.text("x", count: 1, finish: .init(.stop))]
    }

    /// The answers to requests with these header fields.
    private static func answers(
        _ requests: [String],
        _ change: (inout ServingConfiguration) -> Void = { _ in }
    ) async throws -> [Connection.Answer] {
        let configuration = ServingConfiguration.test {
            $0.allowedHosts = []
            change(&$0)
        }
        return try await TestServer.run(backend, configuration) { server in
            var answers: [Connection.Answer] = []
            for request in requests {
                let connection = try await server.connect()
                await connection.send(request)
                answers.append(try await connection.answer())
            }
            return answers
        }
    }

    private static func get(_ fields: String) -> String { "GET /version HTTP/1.1\r\n\(fields)\r\n\r\n" }

    @Test(arguments: ["127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:1", "localhost.", "[::1]:8000", "[::1]"])
    func hostsThatNameTheLoopbackAreServed(host: String) async throws {
        let answers = try await Self.answers([Self.get("Host: \(host)")])
        #expect(answers[0].status == 200)
    }

    @Test(arguments: [
        "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]",
        "localhost:80:80", "", "[::1", "localhost:x",
    ])
    func foreignHostsAreRefused(host: String) async throws {
        let requests = [
            Self.get("Host: \(host)"), "POST /v1/completions HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 0\r\n\r\n",
        ]
        for answer in try await Self.answers(requests) {
            #expect(answer.status == 403)
            #expect(answer.json["error"]?["type"] == "PermissionDeniedError")
            #expect(answer.json["message"]?.stringValue?.contains("--allowed_hosts") == true)
        }
    }

    @Test func aForeignHostIsRepeatedShortened() async throws {
        let answer = try await Self.answers([Self.get("Host: \(String(repeating: "e", count: 10_000))")])[0]
        #expect(answer.status == 403 && answer.body.utf8.count < 1000)
    }

    @Test func namesAreAllowedByConfiguration() async throws {
        let requests = ["llm.example:8000", "LLM.example", "other.example"].map { Self.get("Host: \($0)") }
        let some = try await Self.answers(requests) { $0.allowedHosts = ["llm.example"] }
        #expect(some.map(\.status) == [200, 200, 403])
        let all = try await Self.answers(requests) { $0.allowedHosts = ["*"] }
        #expect(all.map(\.status) == [200, 200, 200])
    }

    @Test func onAWildcardAddressEveryAddressIsServedButNoForeignName() async throws {
        let requests = ["10.1.2.3:8000", "[fd00::1]", "localhost", "evil.example"].map { Self.get("Host: \($0)") }
        let answers = try await Self.answers(requests) { $0.host = "0.0.0.0" }
        #expect(answers.map(\.status) == [200, 200, 200, 403])
    }

    @Test func aWholeURLNamesAHostToo() async throws {
        let answers = try await Self.answers([
            "GET http://evil.example/version HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET http://localhost/version HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        ])
        #expect(answers.map(\.status) == [403, 403])
    }

    @Test func onlyOlderClientsMayLeaveTheHostOut() async throws {
        let answers = try await Self.answers([
            "GET /version HTTP/1.0\r\n\r\n", Self.get("A: b"), Self.get("Host: localhost\r\nHost: localhost"),
        ])
        #expect(answers.map(\.status) == [200, 400, 400])
    }

    @Test func foreignPagesAreRefusedUnlessAllowed() async throws {
        let origins = ["http://evil.example", "null", "http://10.0.0.1", "http://localhost:3000", "http://127.0.0.1"]
        let requests = origins.map { Self.get("Host: localhost\r\nOrigin: \($0)") }
        let none = try await Self.answers(requests)
        #expect(none.map(\.status) == [403, 403, 403, 200, 200])
        #expect(none[0].json["message"]?.stringValue?.contains("--cors_origins") == true)
        #expect(none.allSatisfy { $0.fields["access-control-allow-origin"] == nil })
        let wildcard = try await Self.answers(requests) { $0.host = "0.0.0.0" }
        #expect(wildcard.map(\.status) == [403, 403, 403, 200, 200])
        let one = try await Self.answers(requests) { $0.corsOrigins = ["http://EVIL.example"] }
        #expect(one.map(\.status) == [200, 403, 403, 200, 200])
        #expect(one[0].fields["access-control-allow-origin"] == "http://evil.example")
        #expect(one.allSatisfy { $0.fields["vary"] == "origin" })
        let all = try await Self.answers(requests) { $0.corsOrigins = ["*"] }
        #expect(all.allSatisfy { $0.status == 200 && $0.fields["access-control-allow-origin"] == "*" })
    }

    @Test func errorsAndStreamsMayBeReadByAllowedPages() async throws {
        let body = #"{"model":"m","prompt":"a","stream":true}"#
        let answers = try await Self.answers([
            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a\r\nContent-Length: 0\r\n\r\n",
            "GET /none HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
        ]) { $0.corsOrigins = ["http://a"] }
        #expect(answers.map(\.status) == [400, 404, 200])
        for answer in answers {
            #expect(answer.fields["access-control-allow-origin"] == "http://a")
            #expect(answer.fields["access-control-expose-headers"]?.contains("x-seed") == true)
        }
    }

    @Test func browsersAreToldWhatAnAllowedPageMaySend() async throws {
        let head = "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        let asked =
            "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,x-stainless-os\r\n"
        let requests = ["Origin: http://a\r\n\(asked)", "Origin: http://b\r\n\(asked)", ""].map { head + $0 + "\r\n" }
        let answers = try await Self.answers(requests) { $0.corsOrigins = ["http://a"] }
        #expect(answers.map(\.status) == [204, 403, 204])
        #expect(answers[0].fields["access-control-allow-origin"] == "http://a")
        #expect(answers[0].fields["access-control-allow-methods"] == "POST")
        #expect(answers[0].fields["access-control-allow-headers"] == "authorization,x-stainless-os")
        #expect(answers[0].fields["access-control-max-age"] == "600")
        #expect(answers[2].fields["allow"] == "POST" && answers[2].fields["access-control-allow-methods"] == nil)
    }
}
