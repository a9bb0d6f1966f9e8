import Engine
import Generation
import OrderedJSON
import Server
import Testing

@Suite struct WorkerRouteTests {
    private static let backend = ScriptedBackend { _ in
        [.started(cachedTokens: 0), .text("x", count: 1), .end(.stop, count: 1)]
    }

    @Test func theModelIsTriedOut() async throws {
        let answer = try await TestServer.run(Self.backend) { try await $0.get("/health_generate") }
        #expect(answer.status == 200 && answer.body == "Generation health check OK")
        #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
    }

    @Test func aModelThatFailsIsSaidToFail() async throws {
        let broken = ScriptedBackend { _ throws(GenerationError) in throw .engine("broken") }
        let answer = try await TestServer.run(broken) { try await $0.get("/health_generate") }
        #expect(answer.status == 500)
        #expect(answer.body == "Generation health check failed: the engine failed: broken")
    }

    @Test func withoutAModelThereIsNothingToTry() async throws {
        let answer = try await TestServer.run(nil) { try await $0.get("/health_generate") }
        #expect(answer.status == 503 && answer.fields["retry-after"] == "1")
    }

    @Test func whatTheServerIsIsTold() async throws {
        let facts = try await TestServer.run { try await $0.get("/server_info") }.json
        #expect(facts["model"] == "org/test" && facts["version"] == "1.2.3")
        #expect(facts["max_seq_len"] == 100 && facts["vocab_size"] == 1000 && facts["embeddings"] == false)
    }

    @Test func whatBecameOfRequestsIsToldOnceWithTheOffsetThatWasSet() async throws {
        let configuration = ServingConfiguration.test { $0.timedRequests = 2 }
        let backend = ScriptedBackend { prepared in
            var usage = TokenUsage(promptTokens: 1, completionTokens: 1)
            usage.record = Self.record(id: UInt64(prepared.promptTokens.count))
            return [.started(cachedTokens: 0), .text("x", count: 1), .end(.stop, count: 1), .usage(usage)]
        }
        try await TestServer.run(backend, configuration) { server in
            for prompt in ["[1]", "[[1,2],[1,2,3]]"] {
                _ = try await server.post("/v1/completions", #"{"model":"m","prompt":\#(prompt)}"#)
            }
            #expect(try await server.post("/steady_clock_offset", #"{"offset":-1e9}"#).body == "")
            let connection = try await server.connect()
            await connection.send("HEAD /perf_metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await connection.head().status == 200)
            let records = try #require(try await server.get("/perf_metrics").json.arrayValue)
            #expect(Set(records.map { $0["request_id"] }) == [2, 3])
            for record in records {
                let metrics = try #require(record["perf_metrics"])
                #expect(metrics["first_iter"] == 7 && metrics["last_iter"] == 9)
                #expect(
                    metrics["kv_cache_metrics"] == [
                        "num_total_allocated_blocks": 6, "num_new_allocated_blocks": 2, "num_reused_blocks": 4,
                        "num_missed_blocks": 1,
                    ]
                )
                let times = try #require(metrics["timing_metrics"])
                #expect(times["arrival_time"] == .number(1 - 1e9) && times["first_scheduled_time"] == .number(2 - 1e9))
                #expect(times["first_token_time"] == .number(3 - 1e9) && times["last_token_time"] == .number(4 - 1e9))
                let arrival = try #require(times["server_arrival_time"]?.doubleValue)
                let first = try #require(times["server_first_token_time"]?.doubleValue)
                #expect(arrival < 0 && arrival <= first)
            }
            #expect(try await server.get("/perf_metrics").json == [])
        }
    }

    private static func record(id: UInt64) -> RequestRecord {
        var record = RequestRecord(id: id, arrival: 1)
        (record.firstScheduled, record.firstToken, record.lastToken) = (2, 3, 4)
        (record.firstIteration, record.lastIteration) = (7, 9)
        var blocks = BlockCounters()
        (blocks.total, blocks.new, blocks.reused, blocks.missed) = (6, 2, 4, 1)
        record.blocks = blocks
        return record
    }

    @Test func nothingIsRememberedUnlessItIsAskedFor() async throws {
        try await TestServer.run(Self.backend) { server in
            _ = try await server.post("/v1/completions", #"{"model":"m","prompt":"a"}"#)
            #expect(try await server.get("/perf_metrics").json == [])
            #expect(try await server.post("/kv_cache_events", "").json == [])
        }
    }

    @Test func profilesNeedADirectory() async throws {
        let answer = try await TestServer.run { try await $0.post("/start_profile", "") }
        #expect(answer.status == 403)
        #expect(answer.json["message"]?.stringValue?.contains("--profile_dir") == true)
    }
}
