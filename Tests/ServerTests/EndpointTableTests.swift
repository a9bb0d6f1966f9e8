import OpenAIProtocol
import OrderedJSON
import Server
import Testing

@Suite struct EndpointTableTests {
    @Test func namesAndMethodsOfPathsAreUnique() {
        let endpoints = Endpoint.all
        #expect(Set(endpoints.map(\.name)).count == endpoints.count)
        #expect(Set(endpoints.map { "\($0.method) \($0.path.text)" }).count == endpoints.count)
    }

    @Test(
        arguments: [
            ("/v1/models/a", ["a"]), ("/v1/models/a/b", ["a/b"]), ("/v1/models/a%2Fb", ["a/b"]), ("/v1/models/", nil),
            ("/v1/models", nil), ("/v1/model/a", nil),
        ] as [(String, [String]?)]
    )
    func theRestOfAPathIsAName(path: String, names: [String]?) {
        #expect(PathPattern("/v1/models/{model}", takesRest: true).match(path[...]) == names)
    }

    @Test(
        arguments: [
            ("/r/a/cancel", ["a"]), ("/r/%41/cancel", ["A"]), ("/r//cancel", nil), ("/r/a/b/cancel", nil),
            ("/r/a/cancel/", nil), ("/r/a", nil),
        ] as [(String, [String]?)]
    )
    func namesAreBetweenSlashes(path: String, names: [String]?) {
        #expect(PathPattern("/r/{id}/cancel").match(path[...]) == names)
    }

    @Test func everyEndpointIsDescribed() throws {
        let document = OpenAPIDocument(Endpoint.all, limits: RequestLimits(), version: "1", hasKeys: true).json
        let paths = try #require(document["paths"]?.objectValue)
        for endpoint in Endpoint.all {
            let operation = try #require(paths[endpoint.path.text]?[endpoint.method.rawValue.lowercased()])
            #expect(operation["operationId"] == .string(endpoint.name))
            #expect((operation["security"] != nil) == (endpoint.access == .key))
            #expect((operation["requestBody"] != nil) == (endpoint.request != nil))
            let statuses = Set(try #require(operation["responses"]?.objectValue).keys)
            #expect(statuses.isSuperset(of: ["400", "403"]))
            #expect(statuses.contains("200") == !endpoint.answers.isEmpty)
            #expect(statuses.contains("401") == (endpoint.access == .key))
        }
    }

    @Test func theDescriptionOfARequestComesFromItsDecoder() async throws {
        let document = try await TestServer.run { try await $0.get("/openapi.json") }
        let chat = document.json["paths"]?["/v1/chat/completions"]?["post"]
        let schema = chat?["requestBody"]?["content"]?["application/json"]?["schema"]
        #expect(schema?["required"] == ["model", "messages"])
        #expect(schema?["additionalProperties"] == false)
        #expect(schema?["properties"]?["model"] == ["type": "string"])
        #expect(
            schema?["properties"]?["stream"] == ["anyOf": [["type": "boolean"], ["type": "null"]], "default": false]
        )
        let names = try ChatCompletionRequest.fields().map(\.name)
        #expect(schema?["properties"]?.objectValue?.keys == names)
    }

    @Test func answersAreCountedByEndpoint() async throws {
        try await TestServer.run { server in
            _ = try await server.get("/v1/models/nobody")
            _ = try await server.get("/made-up-by-a-client")
            let text = try await server.get("/prometheus/metrics").body
            #expect(text.contains(#"endpoint="/v1/models/{model}",method="GET",code="404"} 1.0"#))
            #expect(text.contains(#"endpoint="other",method="GET",code="404"} 1.0"#))
            #expect(!text.contains("made-up"))
        }
    }
}
