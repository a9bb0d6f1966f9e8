import Generation
import OpenAIProtocol
import OrderedJSON
import Server
import Testing

/// Good bodies with one field made wrong, for every endpoint that takes one.
@Suite struct MutatedBodyTests {
    private static let values: [JSONValue] = [
        nil, true, 0, -1, 9_223_372_036_854_775_807, 1e300, "", "x", [], [[]], [nil], [0, "a"], ["a", 0], [[-1]], [:],
        ["type": "x"], [["type": "function"]], [["role": "user"]], [["role": 5, "content": 5]],
        [["type": "message", "role": "assistant", "content": [["type": "output_text"]]]], [["text": ["text": []]]],
        ["format": ["type": "json_schema"]], ["effort": 3], .string(String(repeating: "é", count: 300)),
    ]

    private static let backend = ScriptedBackend { _ in [.text("x", count: 1), .end(.stop, count: 1)] }

    /// The example with each field in turn holding another value, and once without it.
    private static func bodies(_ example: JSONObject, _ names: [String]) -> [JSONObject] {
        names.flatMap { name in
            ([JSONValue?.none] + values.map { $0 }).map { value in
                var body = example
                body[name] = value
                return body
            }
        }
    }

    @Test(arguments: Endpoint.all.indices.filter { Endpoint.all[$0].request != nil })
    func areAnsweredWithoutAFailureOfTheServer(index: Int) async throws {
        let endpoint = Endpoint.all[index]
        let request = try #require(endpoint.request)
        let names = try request.fields().map(\.name)
        var engine = TestServer.FakeEngine()
        engine.embed = { _ in ([1, 2], 3) }
        try await TestServer.run(Self.backend, engine: engine) { server in
            let connection = try await server.connect()
            for body in request.examples.flatMap({ Self.bodies($0, names) }) {
                // Whatever it is worth: the events of a stream are of no interest here.
                var body = body
                if body["stream"] == true { body["stream"] = false }
                body["stream_options"] = nil
                let text = JSONValue.object(body).serializedText
                await connection.post(endpoint.path.text, text)
                let answer = try await connection.answer()
                #expect([200, 400, 403, 404].contains(answer.status), "\(endpoint.path.text) \(text): \(answer.body)")
                if answer.status != 200 {
                    #expect(answer.json["error"]?["message"]?.stringValue?.isEmpty == false)
                }
            }
        }
    }
}
