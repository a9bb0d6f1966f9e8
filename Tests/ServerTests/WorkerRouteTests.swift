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

    @Test func timesAreToldOnceWithTheOffsetThatWasSet() async throws {
        let configuration = ServingConfiguration.test { $0.timedRequests = 2 }
        try await TestServer.run(Self.backend, configuration) { server in
            for _ in 0..<3 { _ = try await server.post("/v1/completions", #"{"model":"m","prompt":"a"}"#) }
            #expect(try await server.post("/steady_clock_offset", #"{"offset":-1e9}"#).body == "")
            let connection = try await server.connect()
            await connection.send("HEAD /perf_metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await connection.head().status == 200)
            let records = try #require(try await server.get("/perf_metrics").json.arrayValue)
            #expect(records.map { $0["request_id"] } == [2, 3])
            for record in records {
                let times = record["perf_metrics"]?["timing_metrics"]
                let arrival = try #require(times?["arrival_time"]?.doubleValue)
                let last = try #require(times?["last_token_time"]?.doubleValue)
                #expect(arrival < 0 && arrival <= last)
            }
            #expect(try await server.get("/perf_metrics").json == [])
        }
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
