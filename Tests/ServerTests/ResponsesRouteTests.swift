import Generation
import OrderedJSON
import Server
import Testing

@Suite struct ResponsesRouteTests {
    private static let script: [GenerationEvent] = [
        .started(cachedTokens: 3), .text("Hel", count: 1, scores: true),
        .text("lo", count: 2, finish: .init(.stop), scores: true),
        .usage(TokenUsage(promptTokens: 8, completionTokens: 2)),
    ]

    private static func backend() -> ScriptedBackend { ScriptedBackend { _ in script } }

    private static func body(_ fields: String) -> String { #"{"model":"m","input":"Hi"\#(fields)}"# }

    /// The events of a stream, without their names.
    private static func events(_ answer: Connection.Answer) throws -> [JSONValue] {
        try answer.body.matches(of: /data: (\{.*\})/).map { try JSONParser.parse(String($0.1)) }
    }

    @Test func anAnswerIsAResponse() async throws {
        let answer = try await TestServer.run(Self.backend()) { try await $0.post("/v1/responses", Self.body("")) }
        let json = answer.json
        #expect(answer.status == 200)
        #expect(json["object"] == "response" && json["status"] == "completed" && json["error"] == .null)
        let item = try #require(json["output"]?.arrayValue?.first)
        #expect(item["type"] == "message" && item["role"] == "assistant" && item["status"] == "completed")
        #expect(
            item["content"] == [["type": "output_text", "text": "Hello", "annotations": [], "logprobs": []]]
        )
        #expect(json["usage"]?["input_tokens"] == 8 && json["usage"]?["output_tokens"] == 2)
        #expect(json["usage"]?["input_tokens_details"] == ["cached_tokens": 3])
    }

    @Test func aResponseIsThereForItsOwnKeyAlone() async throws {
        let keyed = ServingConfiguration.test { $0.apiKeys = ["one", "two"] }
        try await TestServer.run(Self.backend(), keyed) { server in
            func send(_ key: String, _ method: String, _ path: String, _ body: String = "") async throws
                -> Connection.Answer
            {
                let connection = try await server.connect()
                let fields = "Host: x\r\nAuthorization: Bearer \(key)\r\nContent-Length: \(body.utf8.count)"
                await connection.send("\(method) /v1/responses\(path) HTTP/1.1\r\n\(fields)\r\n\r\n\(body)")
                return try await connection.answer()
            }
            let made = try await send("one", "POST", "", Self.body(""))
            let id = try #require(made.json["id"]?.stringValue)
            for (method, path) in [("GET", ""), ("GET", "/input_items"), ("POST", "/cancel"), ("DELETE", "")] {
                #expect(try await send("two", method, "/\(id)\(path)").status == 404)
            }
            let following = Self.body(#","previous_response_id":"\#(id)""#)
            let refused = try await send("two", "POST", "", following)
            #expect(refused.status == 404 && refused.json["param"] == "previous_response_id")
            #expect(try await send("one", "POST", "", following).status == 200)
            #expect(try await send("one", "GET", "/\(id)").json["id"] == .string(id))
            #expect(try await send("one", "DELETE", "/\(id)").status == 200)
        }
    }

    @Test func aStreamIsOfNumberedTypedEvents() async throws {
        let answer = try await TestServer.run(Self.backend()) { server in
            try await server.post("/v1/responses", Self.body(#","stream":true,"top_logprobs":1"#))
        }
        let events = try Self.events(answer)
        #expect(
            events.map { $0["type"] } == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done", "response.output_item.done",
                "response.completed",
            ]
        )
        #expect(events.enumerated().allSatisfy { $1["sequence_number"] == .integer($0) })
        #expect(answer.body.matches(of: /event: (\S+)\n/).map { .string(String($0.1)) } == events.map { $0["type"] })
        #expect(events[4]["delta"] == "Hel" && events[4]["logprobs"]?.arrayValue?.count == 3)
        #expect(events[6]["text"] == "Hello" && events[6]["logprobs"]?.arrayValue?.count == 5)
        #expect(events[9]["response"]?["output"]?.arrayValue?.first == events[8]["item"])
        #expect(events[4]["item_id"] == events[8]["item"]?["id"])
    }

    @Test func whatEndsByLengthIsIncomplete() async throws {
        let cut: [GenerationEvent] = [
            .text("x", count: 1, finish: .init(.length))
        ]
        try await TestServer.run(ScriptedBackend { _ in cut }) { server in
            let whole = try await server.post("/v1/responses", Self.body("")).json
            #expect(whole["status"] == "incomplete")
            #expect(whole["incomplete_details"] == ["reason": "max_output_tokens"])
            let stream = try await server.post("/v1/responses", Self.body(#","stream":true"#))
            #expect(try Self.events(stream).last?["type"] == "response.incomplete")
        }
    }

    @Test func aConversationGoesOnFromAStoredResponse() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let first = server.post("/v1/responses", Self.body(#","instructions":"once""#))
            let one = try #require(await backend.nextSubmission())
            #expect(one.prepared.promptText == "[system]once[user]Hi")
            one.send(.text("Yes?", count: 1, finish: .init(.stop)))
            one.finish()
            let id = try #require(try await first.json["id"]?.stringValue)
            let more = #"{"model":"m","input":"More","previous_response_id":"\#(id)"}"#
            async let second = server.post("/v1/responses", more)
            let two = try #require(await backend.nextSubmission())
            #expect(two.prepared.promptText == "[user]Hi[assistant]Yes?[user]More")
            two.send(.end(.stop))
            two.finish()
            #expect(try await second.json["previous_response_id"] == .string(id))
        }
    }

    @Test func aStoredResponseIsFoundAndForgotten() async throws {
        try await TestServer.run(Self.backend()) { server in
            for fields in ["", #","stream":true"#] {
                let made = try await server.post("/v1/responses", Self.body(fields))
                let response = fields.isEmpty ? made.json : try Self.events(made).last?["response"]
                let id = try #require(response?["id"]?.stringValue)
                #expect(try await server.get("/v1/responses/\(id)").json == response)
                let items = try await server.get("/v1/responses/\(id)/input_items").json
                #expect(items["data"]?.arrayValue?.first?["content"] == "Hi")
                let cancelled = try await server.post("/v1/responses/\(id)/cancel", "")
                #expect(cancelled.status == 400)
                let gone = try await server.send("DELETE", "/v1/responses/\(id)")
                #expect(gone.json == ["id": .string(id), "object": "response", "deleted": true])
                #expect(try await server.get("/v1/responses/\(id)").status == 404)
                #expect(try await server.send("DELETE", "/v1/responses/\(id)").status == 404)
            }
        }
    }

    @Test func whatIsNotStoredIsNotFound() async throws {
        try await TestServer.run(Self.backend()) { server in
            let made = try await server.post("/v1/responses", Self.body(#","store":false"#)).json
            let id = try #require(made["id"]?.stringValue)
            #expect(made["store"] == false)
            #expect(try await server.get("/v1/responses/\(id)").status == 404)
            let wrong = try await server.get("/v1/responses/chatcmpl-1")
            #expect(wrong.status == 400 && wrong.json["type"] == "InvalidRequestError")
            let next = #","previous_response_id":"\#(id)""#
            #expect(try await server.post("/v1/responses", Self.body(next)).status == 404)
        }
    }

    @Test func aConversationMayBeAsLargeAsABody() async throws {
        let configuration = ServingConfiguration.test { $0.maxBodyBytes = 400 }
        try await TestServer.run(Self.backend(), configuration) { server in
            let text = "xx"
            var previous = ""
            var statuses: [Int] = []
            while statuses.count < 10, statuses.last != 400 {
                let body = #"{"model":"m","input":"\#(text)"\#(previous)}"#
                let answer = try await server.post("/v1/responses", body)
                statuses.append(answer.status)
                guard answer.status == 200 else {
                    #expect(answer.json["message"]?.stringValue?.contains("at most 400") == true)
                    break
                }
                let id = try #require(answer.json["id"]?.stringValue)
                previous = #","previous_response_id":"\#(id)""#
            }
            #expect(statuses == [200, 200, 400])
            while server.application.pendingBytes > 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    @Test func aBackgroundResponseIsHadLater() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let queued = try await server.post("/v1/responses", Self.body(#","background":true"#)).json
            #expect(queued["status"] == "queued" && queued["output"] == [])
            var response = queued
            let id = try #require(queued["id"]?.stringValue)
            let submission = try #require(await backend.nextSubmission())
            #expect(try await server.get("/v1/responses/\(id)").json["status"] == "queued")
            let next = #","previous_response_id":"\#(id)""#
            let early = try await server.post("/v1/responses", Self.body(next))
            #expect(early.status == 400 && early.json["param"] == "previous_response_id")
            submission.send(.started(cachedTokens: 0))
            while response["status"] == "queued" { response = try await server.get("/v1/responses/\(id)").json }
            #expect(response["status"] == "in_progress")
            submission.send(.text("done", count: 1, finish: .init(.stop)))
            submission.finish()
            while response["output"] == [] { response = try await server.get("/v1/responses/\(id)").json }
            #expect(response["status"] == "completed" && response["output"]?.arrayValue?.count == 1)
        }
    }

    @Test func aBackgroundStreamIsReadAgainFromAnyEvent() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            await connection.post("/v1/responses", Self.body(#","background":true,"stream":true"#))
            #expect(try await connection.head().status == 200)
            let created = try #require(try await connection.chunk())
            let id = try #require(created.firstMatch(of: /"id":"(resp_[0-9a-f]{32})"/).map { String($0.1) })
            let submission = try #require(await backend.nextSubmission())
            submission.send(.started(cachedTokens: 0), .text("Hel", count: 1))
            // Whoever leaves ends nothing.
            connection.close()
            async let rest = server.get("/v1/responses/\(id)?stream=true&starting_after=1")
            async let all = server.get("/v1/responses/\(id)?stream=true")
            submission.send(.text("lo", count: 2, finish: .init(.stop)))
            submission.finish()
            let events = try Self.events(try await all)
            #expect(
                events.prefix(4).map { $0["type"] } == [
                    "response.created", "response.queued", "response.in_progress", "response.output_item.added",
                ]
            )
            #expect(events.enumerated().allSatisfy { $1["sequence_number"] == .integer($0) })
            #expect(events.compactMap { $0["delta"]?.stringValue }.joined() == "Hello")
            #expect(try Self.events(try await rest) == Array(events[2...]))
            let whole = try await server.get("/v1/responses/\(id)").json
            #expect(events.last?["type"] == "response.completed" && events.last?["response"] == whole)
            let last = events.count - 1
            for (number, count) in [(last - 1, 1), (last, 0), (last + 100, 0)] {
                let late = try await server.get("/v1/responses/\(id)?stream=true&starting_after=\(number)")
                #expect(try Self.events(late).count == count)
            }
            // The head of a stream has no body behind it that would be taken for the next answer.
            let other = try await server.connect()
            for path in ["/v1/responses/\(id)?stream=true", "/v1/responses/\(id)"] {
                await other.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await other.head().status == 200)
            }
            await other.send("GET /v1/responses/\(id) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await other.answer().json == whole)
        }
    }

    @Test func aBackgroundStreamThatFailsSaysSo() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let stream = server.post("/v1/responses", Self.body(#","background":true,"stream":true"#))
            let submission = try #require(await backend.nextSubmission())
            submission.send(.text("Hel", count: 1))
            submission.fail(.engine("broken"))
            let last = try Self.events(try await stream).last
            #expect(last?["type"] == "response.failed" && last?["response"]?["status"] == "failed")
            let id = try #require(last?["response"]?["id"]?.stringValue)
            #expect(try await server.get("/v1/responses/\(id)").json == last?["response"])
        }
    }

    @Test func onlyAStreamIsStreamedAgain() async throws {
        try await TestServer.run(Self.backend()) { server in
            let id = try #require(try await server.post("/v1/responses", Self.body("")).json["id"]?.stringValue)
            for query in ["stream=true", "stream=yes", "starting_after=1", "stream=true&starting_after=-1"] {
                let answer = try await server.get("/v1/responses/\(id)?\(query)")
                #expect(answer.status == 400 && answer.json["error"]?["param"] != .null, "\(query)")
            }
            #expect(try await server.get("/v1/responses/\(id)?stream=false").status == 200)
        }
    }

    @Test func inputItemsComeInPages() async throws {
        try await TestServer.run(Self.backend()) { server in
            let items = (1...3).map { #"{"role":"user","content":"\#($0)"}"# }.joined(separator: ",")
            let made = try await server.post("/v1/responses", #"{"model":"m","input":[\#(items)]}"#).json
            let path = "/v1/responses/\(try #require(made["id"]?.stringValue))/input_items"
            func page(_ query: String) async throws -> (texts: [JSONValue?], json: JSONValue) {
                let json = try await server.get("\(path)?\(query)").json
                return (json["data"]?.arrayValue?.map { $0["content"] } ?? [], json)
            }
            let newest = try await page("limit=2")
            #expect(newest.texts == ["3", "2"] && newest.json["has_more"] == true)
            let last = try #require(newest.json["last_id"]?.stringValue)
            #expect(last.hasPrefix("msg_"))
            let rest = try await page("limit=2&after=\(last)")
            #expect(rest.texts == ["1"] && rest.json["has_more"] == false)
            #expect(try await page("order=asc").texts == ["1", "2", "3"])
            for query in ["limit=0", "order=up", "after=msg_1"] {
                #expect(try await server.get("\(path)?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test func aBackgroundResponseIsCancelled() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let queued = try await server.post("/v1/responses", Self.body(#","background":true"#)).json
            let id = try #require(queued["id"]?.stringValue)
            let submission = try #require(await backend.nextSubmission())
            let cancelled = try await server.post("/v1/responses/\(id)/cancel", "")
            #expect(cancelled.json["status"] == "cancelled")
            await submission.waitUntilAbandoned()
            #expect(try await server.get("/v1/responses/\(id)").json["status"] == "cancelled")
        }
    }

    @Test func aBackgroundStreamThatIsCancelledEnds() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            let connection = try await server.connect()
            defer { connection.close() }
            await connection.post("/v1/responses", Self.body(#","background":true,"stream":true"#))
            #expect(try await connection.head().status == 200)
            let created = try #require(try await connection.chunk())
            let id = try #require(created.firstMatch(of: /"id":"(resp_[0-9a-f]{32})"/).map { String($0.1) })
            let submission = try #require(await backend.nextSubmission())
            async let stream = server.get("/v1/responses/\(id)?stream=true")
            #expect(try await server.post("/v1/responses/\(id)/cancel", "").json["status"] == "cancelled")
            await submission.waitUntilAbandoned()
            #expect(try Self.events(try await stream).map { $0["type"] } == ["response.created", "response.queued"])
            while try await connection.chunk() != nil {}
        }
    }

    @Test func anEngineThatFailsEndsTheStreamWithAFailedResponse() async throws {
        let backend = ScriptedBackend()
        try await TestServer.run(backend) { server in
            async let answer = server.post("/v1/responses", Self.body(#","stream":true"#))
            let submission = try #require(await backend.nextSubmission())
            submission.send(.text("x", count: 1))
            submission.fail(.engine("broken"))
            let last = try Self.events(try await answer).last
            #expect(last?["type"] == "response.failed" && last?["response"]?["status"] == "failed")
            #expect(last?["response"]?["error"]?["message"] == "the engine failed: broken")
        }
    }

    @Test func thoughtsAndCallsAreItemsOfTheirOwn() async throws {
        let events: [GenerationEvent] = [
            .deltas([.reasoning("hm")], count: 1), .deltas([.content("Let me see.")], count: 2),
            .deltas([.toolCall(index: 0, id: "call_1", name: "get"), .toolArguments(index: 0, text: "{}")], count: 3),
            .end(.toolCalls, count: 3),
        ]
        try await TestServer.run(ScriptedBackend { _ in events }) { server in
            let whole = try await server.post("/v1/responses", Self.body("")).json
            let items = try #require(whole["output"]?.arrayValue)
            #expect(items.map { $0["type"] } == ["reasoning", "message", "function_call"])
            #expect(items[0]["content"] == [["type": "reasoning_text", "text": "hm"]])
            #expect(items[2]["call_id"] == "call_1" && items[2]["name"] == "get" && items[2]["arguments"] == "{}")
            #expect(whole["status"] == "completed")
            #expect(whole["usage"]?["output_tokens_details"] == ["reasoning_tokens": 1])
            let streamed = try Self.events(try await server.post("/v1/responses", Self.body(#","stream":true"#)))
            let added = streamed.filter { $0["type"] == "response.output_item.added" }
            #expect(added.map { $0["item"]?["type"] } == ["reasoning", "message", "function_call"])
            #expect(added.map { $0["output_index"] } == [0, 1, 2])
            #expect(streamed.contains { $0["type"] == "response.function_call_arguments.done" })
            #expect(streamed.contains { $0["type"] == "response.reasoning_text.delta" && $0["delta"] == "hm" })
        }
    }
}

extension GenerationEvent {
    /// A piece of one token.
    fileprivate static func deltas(_ deltas: [GenerationDelta], count: Int) -> Self {
        .piece(GenerationPiece(choice: 0, deltas: deltas, tokens: [1]), completionTokens: count)
    }
}
