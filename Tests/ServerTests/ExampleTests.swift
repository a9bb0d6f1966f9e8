import Foundation
import Generation
import OrderedJSON
import Server
import Testing

/// The worked example of `docs/front-ends.md`.
@Suite struct ExampleTests {
    private static let script: [GenerationEvent] = [
        .text("Hel", count: 1), .text("lo", count: 2, finish: .init(.length)),
    ]

    private static let configuration = ServingConfiguration.test { $0.endpoints = Endpoint.all + [.generate] }

    private static func post(_ body: String) async throws -> Connection.Answer {
        try await TestServer.run(ScriptedBackend { _ in script }, configuration) {
            try await $0.post("/generate", body)
        }
    }

    @Test func anEndpointThatWasAddedAnswers() async throws {
        #expect(try await Self.post(#"{"inputs":"x"}"#).body == #"{"generated_text":"Hello"}"#)
        let stream = try await Self.post(#"{"inputs":"x","stream":true}"#)
        let events = [#"{"token":{"text":"Hel"}}"#, #"{"token":{"text":"lo"}}"#, #"{"generated_text":"Hello"}"#]
        #expect(stream.body == events.map { "data: \($0)\n\n" }.joined())
        #expect(stream.fields["x-seed"] == "4242")
    }

    @Test func itHasAllThatTheTableGives() async throws {
        #expect(try await Self.post(#"{"inputs":"x","nope":1}"#).json["param"] == "nope")
        #expect(try await Self.post(#"{"inputs":""}"#).status == 200)
        try await TestServer.run(ScriptedBackend(), Self.configuration) { server in
            #expect(try await server.get("/generate").fields["allow"] == "POST")
            let schema = try await server.get("/openapi.json").json["paths"]?["/generate"]?["post"]?["requestBody"]?[
                "content"
            ]?["application/json"]?["schema"]
            #expect(schema?["required"] == ["inputs"])
            #expect(schema?["properties"]?["stream"]?["default"] == false)
        }
    }

    @Test(arguments: ["GenerateEndpoint.swift", "GenerateDialect.swift"])
    func theDocumentShowsWhatIsBuilt(file: String) throws {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        let document = try String(contentsOf: root.appending(path: "docs/front-ends.md"), encoding: .utf8)
        let source = try String(contentsOf: root.appending(path: "Tests/ServerTests/Examples/\(file)"), encoding: .utf8)
        #expect(document.contains("```swift\n" + source + "```"))
    }
}
