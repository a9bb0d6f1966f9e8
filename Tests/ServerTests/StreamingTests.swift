import Foundation
import Generation
import OrderedJSON
import Server
import Testing

@Suite struct StreamingTests {
    private static let streamed = #"{"model":"m","prompt":"a","stream":true}"#
    private static let chat = #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true}"#

    @Test(arguments: [("/v1/completions", streamed), ("/v1/chat/completions", chat)])
    func aWaitingClientGetsComments(path: String, body: String) async throws {
        let backend = ScriptedBackend()
        let configuration = ServingConfiguration.test {
            $0.firstCommentDelay = 0.01
            $0.commentInterval = 0.01
        }
        try await TestServer.run(backend, configuration) { server in
            let connection = try await server.connect()
            await connection.post(path, body)
            #expect(try await connection.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            for _ in 0..<3 { #expect(try await connection.chunk() == ": waiting\n\n") }
            let submission = try #require(await backend.nextSubmission())
            submission.send(.text("x", count: 1, finish: .init(.stop)))
            submission.finish()
            var rest = ""
            while let chunk = try await connection.chunk() { rest += chunk }
            let events = rest.replacing(": waiting\n\n", with: "")
            #expect(events.hasPrefix("data: {") && events.hasSuffix("data: [DONE]\n\n"))
            await connection.post("/tokenize", #"{"prompt":""}"#)
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test func aFailureInsideAStreamBecomesAnEventAndTheStreamEnds() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let answer = server.post("/v1/completions", Self.streamed)
            let submission = try #require(await backend.nextSubmission())
            submission.send(.started(cachedTokens: 0), .text("x", count: 1))
            submission.fail(.engine("out of luck"))
            let body = try await answer.body
            let events = body.components(separatedBy: "\n\n")
            #expect(events.count == 4 && events[2] == "data: [DONE]" && events[3].isEmpty)
            let error = try JSONParser.parse(String(events[1].dropFirst(6)))
            #expect(error["error"]?["message"] == "the engine failed: out of luck")
            #expect(error["code"] == 500)
        }
    }

    @Test func aFailureBeforeTheAnswerIsA500() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let answer = server.post("/v1/completions", #"{"model":"m","prompt":"a"}"#)
            try #require(await backend.nextSubmission()).fail(.engine("out of luck"))
            #expect(try await answer.status == 500)
            #expect(try await answer.json["message"] == "the engine failed: out of luck")
        }
    }

    @Test func failuresAndRefusalsAreCountedStreamedOrNot() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            for stream in ["false", "true"] {
                let body = #"{"model":"m","prompt":"a","stream":\#(stream)}"#
                async let answer = server.post("/v1/completions", body)
                try #require(await backend.nextSubmission()).fail(.engine("out of luck"))
                _ = try await answer
            }
            #expect(try await server.post("/v1/completions", "{}").status == 400)
            let page = try await server.get("/prometheus/metrics").body
            #expect(page.contains(/trtllm_request_failures_total\{.*\} 2\.0/))
            #expect(page.contains(/trtllm_request_errors_total\{.*code="500"\} 1\.0/))
            #expect(page.contains(/trtllm_request_errors_total\{.*code="400"\} 1\.0/))
        }
    }

    @Test func aFailureOfOnePromptEndsTheOthers() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let answer = server.post("/v1/completions", #"{"model":"m","prompt":["a","b"],"stream":true}"#)
            let first = try #require(await backend.nextSubmission())
            let second = try #require(await backend.nextSubmission())
            second.fail(.engine("gone"))
            await first.waitUntilAbandoned()
            #expect(try await answer.body.hasSuffix("data: [DONE]\n\n"))
        }
    }

    @Test func chunksArriveAsTheyAreMade() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.post("/v1/chat/completions", Self.chat)
            let submission = try #require(await backend.nextSubmission())
            submission.send(.text("one", count: 1))
            _ = try await connection.read(through: #""content":"one""#)
            submission.send(.text("two", count: 2))
            _ = try await connection.read(through: #""content":"two""#)
            submission.send(.end(.stop, count: 2))
            submission.finish()
            _ = try await connection.read(through: "data: [DONE]\n\n")
        }
    }

    @Test func whatIsThereGoesOutInOneWrite() async throws {
        let backend = ScriptedBackend { _ in
            (1...50).map { .text("x", count: $0) } + [.end(.length, count: 50)]
        }
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.post("/v1/completions", Self.streamed)
            _ = try await connection.read(through: "\r\n\r\n")
            #expect(try await connection.chunk()?.matches(of: /data:/).count == 51)
            #expect(try await connection.chunk() == "data: [DONE]\n\n")
            #expect(try await connection.chunk() == nil)
        }
    }

    @Test func healthAnswersWhileEveryRequestWaits() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            var waiting: [Connection] = []
            for _ in 0..<20 {
                let connection = try await server.connect()
                await connection.post("/v1/completions", Self.streamed)
                waiting.append(connection)
            }
            var submissions: [ScriptedBackend.Submission] = []
            for _ in waiting { submissions.append(try #require(await backend.nextSubmission())) }
            #expect(try await server.get("/health").status == 200)
            for connection in waiting { connection.close() }
            for submission in submissions { await submission.waitUntilAbandoned() }
        }
    }
}
