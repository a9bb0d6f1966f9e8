internal import Engine
internal import Models
internal import OrderedJSON
internal import RequestParameters
internal import Tensors

/// The figures of a run of the engine in process, for people and as JSON.
struct Report {
    let options: BenchOptions
    let bench: BenchEngine
    let concurrency: Int
    /// Billions of bytes per second that memory gave meanwhile, where it was measured.
    var readBandwidth: Double?
    let measurements: Measurements
    /// What ranks exchanged meanwhile, if there are several.
    var exchange: ExchangeFigures?

    /// What the model's memory traffic and arithmetic can be counted from.
    private var modelFigures: [(name: String, value: Int)] {
        [
            ("layer_weights", bench.footprint.layerWeights),
            ("head_weights", bench.footprint.headWeights),
            ("packed_layer_bytes", bench.footprint.packedLayerBytes),
            ("packed_head_bytes", bench.footprint.packedHeadBytes),
            ("kv_bytes_per_token", bench.engine.limits.kvBytesPerToken),
        ]
    }

    private var json: JSONValue {
        var members: JSONObject = [
            "model": .string(options.model), "kernels": .string("\(KernelLevel.chosen)"),
            "num_threads": .integer(bench.threadCount), "concurrency": .integer(concurrency),
            "num_requests": .integer(measurements.times.count),
            "input_len": .integer(options.inputLength), "output_len": .integer(options.outputLength),
        ]
        members["adapters"] = .integer(options.adapterCount)
        members["adapter_rank"] = .integer(options.adapterRank)
        let sampling = options.sampling
        members["temperature"] = .number(Double(sampling.temperature))
        members["top_k"] = .integer(sampling.topK)
        members["top_p"] = .number(Double(sampling.topP))
        members["score_prompts"] = .bool(sampling.scoresPrompts)
        for (name, value) in modelFigures { members[name] = .integer(value) }
        if let readBandwidth { members["read_gb_per_s"] = .number(readBandwidth) }
        measurements.append(to: &members)
        members["tp_size"] = .integer(options.ranks.tensorParallelSize)
        members["pp_size"] = .integer(options.ranks.pipelineParallelSize)
        exchange?.append(to: &members)
        return .object(members)
    }

    private var text: String {
        var table = ReportTable(
            title: "\(options.model), \(KernelLevel.chosen) kernels, \(bench.threadCount) threads, "
                + "\(measurements.times.count) requests of \(options.inputLength) + \(options.outputLength) tokens, "
                + "\(concurrency) at once"
        )
        for (name, value) in modelFigures { table.append(name, value) }
        if let readBandwidth { table.append("read_gb_per_s", [readBandwidth]) }
        measurements.append(to: &table)
        exchange?.append(to: &table)
        return table.text
    }

    /// Prints the table, and writes the JSON when a file is named.
    func publish() throws {
        print(text)
        try ReportFile.write(json, to: options.reportFile)
    }
}
