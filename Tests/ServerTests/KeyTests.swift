import OrderedJSON
import Server
import Testing

/// Servers that let in only who has a key.
@Suite struct KeyTests {
    private static let configuration = ServingConfiguration.test { $0.apiKeys = ["first-key", "second"] }

    private static func status(_ path: String, _ fields: String...) async throws -> Connection.Answer {
        try await TestServer.run(ScriptedBackend(), configuration) { server in
            let connection = try await server.connect()
            let lines = ["GET \(path) HTTP/1.1", "Host: x"] + fields
            await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
            return try await connection.answer()
        }
    }

    @Test(arguments: [
        "Authorization: Bearer first-key", "authorization: bearer second", "X-API-Key: second",
        "Authorization: Bearer   first-key",
    ])
    func eachKeyLetsIn(field: String) async throws {
        #expect(try await Self.status("/v1/models", field).status == 200)
    }

    @Test(arguments: [
        "A: b", "Authorization: Bearer", "Authorization: Bearer first-ke", "Authorization: Bearer first-keyy",
        "Authorization: Bearer First-key", "Authorization: Basic first-key", "Authorization: first-key",
        "X-API-Key: secondsecond", "X-API-Key: ",
    ])
    func nothingElseDoes(field: String) async throws {
        let answer = try await Self.status("/v1/models", field)
        #expect(answer.status == 401)
        #expect(answer.fields["www-authenticate"] == "Bearer")
        #expect(answer.json["error"]?["code"] == "invalid_api_key")
        #expect(answer.json["code"] == 401)
    }

    @Test func healthIsOpenAndErrorsOfPathsComeFirst() async throws {
        #expect(try await Self.status("/health").status == 200)
        #expect(try await Self.status("/nothing").status == 404)
        #expect(try await Self.status("/v1/completions").status == 405)
    }

    @Test func anthropicsClientsGetTheirShape() async throws {
        let answer = try await TestServer.run(ScriptedBackend(), Self.configuration) { server in
            try await server.post("/v1/messages", "{}")
        }
        #expect(answer.status == 401)
        #expect(answer.json["type"] == "error" && answer.json["error"]?["type"] == "authentication_error")
    }

    @Test func browsersMayAskWithoutAKey() async throws {
        let answer = try await TestServer.run(ScriptedBackend(), Self.configuration) { server in
            try await server.send("OPTIONS", "/v1/completions")
        }
        #expect(answer.status == 204 && answer.fields["allow"] == "POST")
    }
}
