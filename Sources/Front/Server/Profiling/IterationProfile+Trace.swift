import Engine
import Models
import OrderedJSON

/// Profiles as events of the Trace Event Format, which trace viewers show:
/// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
extension IterationProfile {
    /// The file's beginning, before the first event.
    static let traceBegin =
        #"{"displayTimeUnit":"ms","traceEvents":["#
        + metadata.map(\.serializedText).joined(separator: ",\n")
    /// The file's end, behind the last event.
    static let traceEnd = "]}\n"

    /// What viewers show as threads.
    private enum Track: Int {
        case engine = 1
        case model
    }

    private static let metadata: [JSONValue] = [
        ["name": "process_name", "ph": "M", "pid": 1, "args": ["name": "trtllm-serve"]],
        ["name": "thread_name", "ph": "M", "pid": 1, "tid": 1, "args": ["name": "engine"]],
        ["name": "thread_name", "ph": "M", "pid": 1, "tid": 2, "args": ["name": "model"]],
    ]

    /// The events of an iteration, each behind a comma; `origin` is the moment 0 of the trace, on the clock of the profile.
    func traceEvents(origin: Double) -> String {
        var events: [JSONValue] = []
        func span(_ name: String, _ track: Track, from start: Double, to end: Double, _ arguments: JSONObject = [:]) {
            var event: JSONObject = [
                "name": .string(name), "ph": "X", "pid": 1, "tid": .integer(track.rawValue),
                "ts": .number((start - origin) * 1e6), "dur": .number(max(0, end - start) * 1e6),
            ]
            if !arguments.isEmpty { event["args"] = .object(arguments) }
            events.append(.object(event))
        }
        let number: JSONObject = ["iteration": .integer(iteration)]
        span("plan", .engine, from: begin, to: planned, number)
        let load: JSONObject = [
            "iteration": .integer(iteration), "prompt_tokens": .integer(promptTokens),
            "prefilling_sequences": .integer(prefillingSequences),
            "decoding_sequences": .integer(decodingSequences),
        ]
        span("compute", .engine, from: planned, to: computed, load)
        span("choose tokens", .engine, from: finished, to: chosen, number)
        span("deliver", .engine, from: chosen, to: end, number)
        for (before, stage) in zip(stages, stages.dropFirst()) where stage.stage != .begin {
            let isInLayer = stage.stage == .attention || stage.stage == .feedForward
            let arguments: JSONObject = isInLayer ? ["layer": .integer(stage.layer)] : [:]
            span(stage.stage.rawValue, .model, from: before.seconds, to: stage.seconds, arguments)
        }
        let counters: [(String, Int)] = [
            ("running requests", runningRequests), ("queued requests", queuedRequests), ("used KV blocks", usedBlocks),
        ]
        for (name, count) in counters {
            events.append([
                "name": .string(name), "ph": "C", "pid": 1, "ts": .number((end - origin) * 1e6),
                "args": ["count": .integer(count)],
            ])
        }
        return events.map { ",\n" + $0.serializedText }.joined()
    }
}
