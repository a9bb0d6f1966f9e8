import Generation
import Server
import Testing

@Suite struct MutatedRequestTests {
    private static let seeds = [
        "GET /health HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
        "POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n{\"prompt\":\"a\"}",
        "POST /tokenize HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n{\"prompt\":\"a\"}\r\n0\r\n\r\n",
        "OPTIONS /v1/models HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nAccess-Control-Request-Method: GET\r\n\r\n",
        "GET http://x:80/version?a HTTP/1.0\r\nConnection: close, TE\r\nExpect: 100-continue\r\n\r\n",
        "HEAD /v1/models/a%2Fb HTTP/1.1\r\nHost: [::1]:80\r\nUpgrade: h2c\r\nX-Request-ID: a\r\n\r\n",
    ]

    private static let pieces = [
        "\r\n", "\r\n\r\n", ":", " ", "%", "\0", "\u{FF}", "[", "]", "://", "Host: x\r\n", "HTTP/1.1", "HTTP/9.9", "*",
        "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n", "-1", "GET / HTTP/1.1\r\n\r\n",
    ]

    private static func mutated(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            bytes += Array((seeds.randomElement(using: &random) ?? "").utf8)
        }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: place)
            case 1: if place < bytes.count { bytes[place] = UInt8.random(in: .min ... .max, using: &random) }
            default: bytes.removeSubrange(place..<min(bytes.count, place + 5))
            }
        }
        return bytes
    }

    @Test func mutatedRequestsGetAnswersOrAnEndAndTheServerGoesOn() async throws {
        let backend = ScriptedBackend()
        let configuration = ServingConfiguration.test {
            $0.idleTimeout = 0.2
            $0.bodyTimeout = 0.2
        }
        try await TestServer.run(backend, configuration) { server in
            var random = SeededGenerator(state: 8)
            for _ in 0..<400 {
                let connection = try await server.connect()
                await connection.send(Self.mutated(&random))
                connection.closeOutput()
                let answer = await connection.rest()
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1."))
            }
            #expect(try await server.get("/health").status == 200)
            while server.application.openConnections > 1 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(server.application.pendingBytes == 0)
        }
    }
}

/// SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
