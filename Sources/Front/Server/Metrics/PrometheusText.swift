import Engine

/// The metrics page for Prometheus (text format 0.0.4), with the reference's names.
struct PrometheusText {
    private(set) var bytes: [UInt8] = []
    private let labels: String

    /// Most names of adapters in a label.
    private static let mostNames = 32

    /// - Parameter adapterLimit: Most different adapters in one iteration; 0 where there are none.
    init(
        model: String,
        requests: RequestMetrics.Snapshot,
        activity: EngineActivity?,
        adapterLimit: Int = 0,
        ranks: RankFigures? = nil,
    ) {
        labels = "model_name=\"\(Self.escaped(model))\",engine_type=\"cpu\""
        head("request_success_total", "counter", "Choices that ended, by reason.")
        for (reason, count) in requests.finished.sorted(by: { $0.key < $1.key }) {
            line("request_success_total", ",finished_reason=\"\(reason)\"", Double(count))
        }
        histogram("e2e_request_latency_seconds", requests.latency, "Time from arrival to the end of the answer.")
        histogram("time_to_first_token_seconds", requests.timeToFirstToken, "Time from arrival to the first token.")
        histogram("time_per_output_token_seconds", requests.timePerToken, "Time per token after the first.")
        histogram("request_queue_time_seconds", requests.queueTime, "Time from arrival to the first iteration.")
        counter("request_failures_total", requests.failed, "Requests that failed by the server's fault.")
        head("request_errors_total", "counter", "Requests answered with an error, by its status.")
        for (status, count) in requests.refused.sorted(by: { $0.key < $1.key }) {
            line("request_errors_total", ",code=\"\(status)\"", Double(count))
        }
        head("http_requests_total", "counter", "Answers, by endpoint, method and status.")
        for (label, count) in requests.answers.sorted(by: { $0.key < $1.key }) {
            let labels = ",endpoint=\"\(label.path)\",method=\"\(label.method)\",code=\"\(label.status)\""
            line("http_requests_total", labels, Double(count))
        }
        if let activity {
            append(activity)
            if adapterLimit > 0 { append(activity.adapters, limit: adapterLimit) }
        }
        if let ranks { append(ranks) }
    }

    /// A label's text as the format wants it.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private mutating func append(_ adapters: EngineActivity.Adapters, limit: Int) {
        gauge("num_lora_adapters_running", Double(adapters.running.count), "Different adapters of running requests.")
        gauge(
            "num_lora_adapters_waiting",
            Double(adapters.waiting.count),
            "Different adapters of requests in the queue."
        )
        head(
            "lora_requests_info",
            "gauge",
            "The adapters of running and waiting requests by name, the first \(Self.mostNames)."
        )
        let lists = [("running", adapters.running), ("waiting", adapters.waiting)].map { state, names in
            ",\(state)_lora_adapters=\"\(Self.escaped(names.prefix(Self.mostNames).joined(separator: ",")))\""
        }
        line("lora_requests_info", ",max_lora=\"\(limit)\"" + lists.joined(), 1)
    }

    private mutating func append(_ ranks: RankFigures) {
        head("rank_memory_bytes", "gauge", "Resident memory of each process that computes the model.")
        for (rank, bytes) in ranks.memoryBytes.sorted(by: { $0.key < $1.key }) {
            line("rank_memory_bytes", ",rank=\"\(rank)\"", Double(bytes))
        }
        head("rank_exchange_seconds_total", "counter", "Time that rank 0 has spent exchanging data with others.")
        line("rank_exchange_seconds_total", "", ranks.seconds)
        counter("rank_exchanges_total", ranks.calls, "Exchanges of data between rank 0 and others.")
        counter("rank_sent_bytes_total", ranks.bytesSent, "Bytes that rank 0 has sent to others.")
    }

    private mutating func append(_ activity: EngineActivity) {
        let totals = activity.totals
        counter("iterations_total", activity.iterations, "Iterations of the engine.")
        counter("num_requests_completed_total", totals.completedRequests, "Requests that ended by themselves.")
        counter("num_requests_cancelled_total", totals.cancelledRequests, "Requests whose client left.")
        counter("num_requests_refused_total", totals.refusedRequests, "Requests refused because the queue was full.")
        counter("prompt_tokens_total", totals.promptTokens, "Tokens of scheduled prompts.")
        counter("cached_prompt_tokens_total", totals.cachedPromptTokens, "Of them, tokens found in the KV cache.")
        counter("generation_tokens_total", totals.generatedTokens, "Tokens generated.")
        gauge("num_requests_running", Double(activity.runningRequests), "Requests scheduled and not ended.")
        gauge("num_requests_waiting", Double(activity.queuedRequests), "Requests in the queue.")
        gauge("iteration_latency_seconds", activity.iterationSeconds, "How long the last iteration took.")
        if let seconds = activity.exchangeSeconds {
            gauge("iteration_exchange_seconds", seconds, "How much of it rank 0 spent exchanging data with others.")
        }
        let cache = activity.kvCache
        gauge("kv_cache_hit_rate", cache.cacheHitRate, "Blocks reused over blocks looked up.")
        let utilization = cache.maxNumBlocks == 0 ? 0 : Double(cache.usedNumBlocks) / Double(cache.maxNumBlocks)
        gauge("kv_cache_utilization", utilization, "Blocks in use over all blocks.")
        gauge("kv_cache_max_blocks", Double(cache.maxNumBlocks), "Blocks in the pool.")
        gauge("kv_cache_free_blocks", Double(cache.freeNumBlocks), "Blocks not in use.")
        gauge("kv_cache_used_blocks", Double(cache.usedNumBlocks), "Blocks in use.")
        gauge("kv_cache_tokens_per_block", Double(cache.tokensPerBlock), "Tokens of one block.")
        let batch = activity.batch
        gauge("num_context_requests", Double(batch.numContextRequests), "Requests prefilled in the last iteration.")
        gauge("num_generation_requests", Double(batch.numGenRequests), "Requests decoded in the last iteration.")
        gauge("num_paused_requests", Double(batch.numPausedRequests), "Requests paused for want of blocks.")
        gauge("num_scheduled_requests", Double(batch.numScheduledRequests), "Requests in the last iteration.")
        gauge("total_context_tokens", Double(batch.numCtxTokens), "Prompt tokens in the last iteration.")
    }

    private mutating func counter(_ name: String, _ value: Int, _ help: String) {
        head(name, "counter", help)
        line(name, "", Double(value))
    }

    private mutating func gauge(_ name: String, _ value: Double, _ help: String) {
        head(name, "gauge", help)
        line(name, "", value)
    }

    private mutating func histogram(_ name: String, _ histogram: Histogram, _ help: String) {
        head(name, "histogram", help)
        var running = 0
        for (index, count) in histogram.counts.enumerated() {
            running += count
            let bound = index < histogram.bounds.count ? histogram.bounds[index].description : "+Inf"
            line(name + "_bucket", ",le=\"\(bound)\"", Double(running))
        }
        line(name + "_sum", "", histogram.sum)
        line(name + "_count", "", Double(histogram.total))
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        bytes.append(contentsOf: "# HELP trtllm_\(name) \(help)\n# TYPE trtllm_\(name) \(type)\n".utf8)
    }

    private mutating func line(_ name: String, _ more: String, _ value: Double) {
        bytes.append(contentsOf: "trtllm_\(name){\(labels)\(more)} \(value)\n".utf8)
    }
}
