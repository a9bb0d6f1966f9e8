import Engine
import Generation
import OrderedJSON
import Server
import Synchronization
import Testing

@Suite struct ServiceRouteTests {
    @Test func healthIsAnEmpty200() async throws {
        let answer = try await TestServer.run { try await $0.get("/health?x=1") }
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(answer.fields["content-type"] == nil)
        #expect(answer.fields["content-length"] == "0")
        #expect(answer.fields["server"] == "trtllm-serve")
        #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
    }

    @Test func versionHasOneKey() async throws {
        let answer = try await TestServer.run { try await $0.get("/version") }
        #expect(answer.body == #"{"version":"1.2.3"}"#)
        #expect(answer.fields["content-type"] == "application/json")
    }

    @Test func modelsAreListedAndFound() async throws {
        try await TestServer.run { server in
            let list = try await server.get("/v1/models").json
            #expect(list["object"] == "list")
            let card = try #require(list["data"]?.arrayValue?.first?.objectValue)
            #expect(card.keys == ["id", "object", "created", "owned_by"])
            #expect(card["id"] == "org/test" && card["owned_by"] == "tensorrt_llm")
            for path in ["/v1/models/org/test", "/v1/models/org%2Ftest"] {
                #expect(try await server.get(path).json["id"] == "org/test")
            }
            let other = try await server.get("/v1/models/other")
            #expect(other.status == 404)
            #expect(other.json["error"]?["param"] == "model")
        }
    }

    @Test(arguments: ["/", "/v1/nothing", "/v1/models/", "/v1/completions/", "/healthz", "/%"])
    func unknownPathsAre404InEveryShape(path: String) async throws {
        let answer = try await TestServer.run { try await $0.post(path, "{}") }
        #expect(answer.status == 404)
        #expect(answer.json["detail"] == "Not Found")
        #expect(answer.json["code"] == 404 && answer.json["error"]?["code"] == 404)
        #expect(answer.json["object"] == "error")
    }

    @Test(arguments: [
        ("GET", "/v1/completions", "POST"), ("POST", "/health", "GET, HEAD"), ("DELETE", "/v1/models", "GET, HEAD"),
    ])
    func wrongMethodsAre405(method: String, path: String, allowed: String) async throws {
        let answer = try await TestServer.run { server in
            let connection = try await server.connect()
            await connection.send("\(method) \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            return try await connection.answer()
        }
        #expect(answer.status == 405)
        #expect(answer.fields["allow"] == allowed)
        #expect(answer.json["detail"] == "Method Not Allowed")
        #expect(answer.json["error"]?["type"] == "MethodNotAllowedError")
    }

    @Test func metricsAreDrainedAndHaveEveryKey() async throws {
        let iterations = Mutex([Self.iteration(1, requests: 0), Self.iteration(2, requests: 1)])
        var engine = TestServer.FakeEngine()
        engine.statistics = {
            iterations.withLock { all in
                defer { all = [] }
                return all
            }
        }
        try await TestServer.run(engine: engine) { server in
            let records = try #require(try await server.get("/metrics").json.arrayValue)
            #expect(records.count == 2)
            let keys = try #require(records[0].objectValue?.keys)
            #expect(keys == keys.sorted())
            #expect(
                keys == [
                    "cpuMemUsage", "gpuMemUsage", "inflightBatchingStats", "iter", "iterLatencyMS", "kvCacheStats",
                    "maxBatchSizeRuntime", "maxBatchSizeStatic", "maxBatchSizeTunerRecommended", "maxNumActiveRequests",
                    "maxNumTokensRuntime", "maxNumTokensStatic", "maxNumTokensTunerRecommended",
                    "newActiveRequestsQueueLatencyMS", "numActiveRequests", "numCompletedRequests",
                    "numNewActiveRequests", "numQueuedRequests", "pinnedMemUsage", "specDecodingStats",
                    "staticBatchingStats", "timestamp",
                ]
            )
            #expect(records[0]["timestamp"] == "11-06-1994 08:49:37.250000")
            #expect(records[0]["staticBatchingStats"] == .null && records[0]["specDecodingStats"] == .null)
            #expect(records[0]["iterLatencyMS"] == 16.5)
            #expect(
                records[0]["kvCacheStats"]?.objectValue?.keys == [
                    "allocNewBlocks", "allocTotalBlocks", "cacheHitRate", "freeNumBlocks", "maxNumBlocks",
                    "missedBlocks", "reusedBlocks", "tokensPerBlock", "usedNumBlocks",
                ]
            )
            #expect(
                records[0]["inflightBatchingStats"]?.objectValue?.keys == [
                    "avgNumDecodedTokensPerIter", "microBatchId", "numContextRequests", "numCtxTokens",
                    "numGenRequests", "numPausedRequests", "numScheduledRequests",
                ]
            )
            #expect(records[1].objectValue?.keys.last == "requestStats")
            #expect(records[1]["requestStats"]?.arrayValue?[0]["stage"] == "GENERATION_IN_PROGRESS")
            #expect(try await server.get("/metrics").body == "[]")
        }
    }

    @Test func prometheusTextHasTheReferencesNames() async throws {
        let backend = ScriptedBackend { _ in
            [
                .started(cachedTokens: 0), .text("ab", count: 2, finish: .init(.stop)),
                .usage(TokenUsage(promptTokens: 1, completionTokens: 2)),
            ]
        }
        var engine = TestServer.FakeEngine()
        engine.activity.kvCache.maxNumBlocks = 4
        engine.activity.kvCache.usedNumBlocks = 1
        try await TestServer.run(backend, engine: engine) { server in
            _ = try await server.post("/v1/completions", #"{"model":"m","prompt":"a"}"#)
            let text = try await server.get("/prometheus/metrics").body
            let labels = #"model_name="org/test",engine_type="cpu""#
            #expect(text.contains("trtllm_request_success_total{\(labels),finished_reason=\"stop\"} 1.0\n"))
            #expect(text.contains("trtllm_time_to_first_token_seconds_bucket{\(labels),le=\"+Inf\"} 1.0\n"))
            #expect(text.contains("trtllm_e2e_request_latency_seconds_count{\(labels)} 1.0\n"))
            #expect(text.contains("trtllm_kv_cache_utilization{\(labels)} 0.25\n"))
        }
    }

    @Test func prometheusTextHasWhatRanksTakeAndExchange() async throws {
        try await TestServer.run(nil) { server in
            var model = ServingModel.fake(ScriptedBackend(), TestServer.FakeEngine())
            #expect(try await !server.get("/prometheus/metrics").body.contains("trtllm_rank_"))
            model.ranks = { RankFigures(memoryBytes: [1: 7, 0: 5], calls: 3, bytesSent: 40, seconds: 0.5) }
            server.application.becomeReady(model)
            let text = try await server.get("/prometheus/metrics").body
            let labels = #"model_name="org/test",engine_type="cpu""#
            let memory = "trtllm_rank_memory_bytes{\(labels),rank=\"0\"} 5.0\n"
            #expect(text.contains(memory + "trtllm_rank_memory_bytes{\(labels),rank=\"1\"} 7.0\n"))
            #expect(text.contains("trtllm_rank_exchange_seconds_total{\(labels)} 0.5\n"))
            #expect(!text.contains("trtllm_iteration_exchange_seconds"))
            #expect(text.contains("trtllm_rank_exchanges_total{\(labels)} 3.0\n"))
            #expect(text.contains("trtllm_rank_sent_bytes_total{\(labels)} 40.0\n"))
        }
    }

    private static func iteration(_ number: Int, requests: Int) -> IterationStatistics {
        var statistics = IterationStatistics()
        statistics.iteration = number
        statistics.iterLatencyMS = 16.5
        statistics.timestamp = 784111777.25
        statistics.requests = (0..<requests).map { id in
            var request = IterationStatistics.Request()
            request.id = id
            request.stage = .generationInProgress
            return request
        }
        return statistics
    }
}
