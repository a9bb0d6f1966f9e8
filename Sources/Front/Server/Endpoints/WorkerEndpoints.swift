import Engine
import Generation
import OpenAIProtocol
import OrderedJSON

/// What front servers and benchmarks of the reference ask a server for.
extension Endpoint {
    /// What the server is.
    static let serverInfo = Endpoint(
        .get,
        PathPattern("/server_info"),
        name: "serverInfo",
        "What the server serves, and how much.",
        answers: [
            .object(
                "the facts",
                [
                    "model": "string", "version": "string", "max_seq_len": "integer", "vocab_size": "integer",
                    "embeddings": "boolean", "disaggregated_params": "object",
                ]
            )
        ],
        .model { responder, _, model in
            let facts: JSONObject = [
                "model": .string(responder.configuration.modelName),
                "version": .string(responder.configuration.version),
                "max_seq_len": .integer(model.backend.maxSequenceLength),
                "vocab_size": .integer(model.backend.vocabularySize), "embeddings": .bool(model.embed != nil),
                "disaggregated_params": [:],
            ]
            return .whole(Reply(json: JSONValue.object(facts).serialized))
        },
    )

    /// Events of the KV cache since the last call.
    static let kvCacheEvents = Endpoint(
        .post,
        PathPattern("/kv_cache_events"),
        name: "kvCacheEvents",
        "What the KV cache holds anew and no more since the last call; needs kv_cache_config.event_buffer_max_size.",
        answers: [DescribedAnswer("events", .json(["type": "array", "items": ["type": "object"]]))],
        .task { responder, _ in
            let events = responder.state.model?.drainKVCacheEvents() ?? []
            return .whole(Reply(json: JSONValue.array(events.map(\.json)).serialized))
        },
    )

    /// What became of the requests since the last call.
    static let perfMetrics = Endpoint(
        .get,
        PathPattern("/perf_metrics"),
        name: "perfMetrics",
        "Times, iterations and KV blocks of the requests that ended since the last call; needs return_perf_metrics.",
        answers: [DescribedAnswer("requests", .json(["type": "array", "items": ["type": "object"]]))],
        .task { responder, _ in .whole(Reply(json: responder.metrics.records.drained.serialized)) },
    ).draining

    /// The clock of the server.
    static let steadyClock = Endpoint(
        .get,
        PathPattern("/steady_clock_offset"),
        name: "steadyClock",
        "The server's steady clock at two moments, 0.2 s apart.",
        answers: [.object("the moments", ["receive_ts": "number", "transmit_ts": "number"])],
        .task { responder, _ in
            let received = EngineClock.system.monotonicSeconds()
            try await Task.sleep(for: .milliseconds(200))
            let sent = EngineClock.system.monotonicSeconds()
            let body: JSONObject = ["receive_ts": .number(received), "transmit_ts": .number(sent)]
            return .whole(Reply(json: JSONValue.object(body).serialized))
        },
    )

    /// Moves the clock that `/perf_metrics` tells.
    static let setSteadyClock = Endpoint(
        .post,
        PathPattern("/steady_clock_offset"),
        name: "setSteadyClockOffset",
        "Adds an offset to the times that /perf_metrics tells.",
        request: ClockOffsetRequest.self,
        answers: [DescribedAnswer("done", .none)],
        .task { responder, call in
            let request: ClockOffsetRequest = try call.request(limits: responder.configuration.limits)
            responder.metrics.records.setOffset(request.offset)
            return .whole(Reply(contentType: nil))
        },
    )
}
