internal import ArgumentParser
internal import OrderedJSON
internal import Tensors

/// The machine's own limits, which the figures of models are shares of.
struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "What this machine can do: multiply-add peaks, read bandwidth, and how quickly threads meet."
    )

    /// Sizes of a thread's buffer: from what its own cache holds to what no cache does.
    static let megabytes = [1, 8, 32, 128, 512]

    @Option(name: .customLong("num_threads"), help: "Threads to measure with; default: what the machine grants.")
    var threadCount: Int?

    @Option(name: .customLong("report_json"), help: "File for the figures as JSON.")
    var reportFile: String?

    mutating func validate() throws {
        try OptionRange.check("num_threads", threadCount, in: OptionRange.threads)
    }

    mutating func run() throws {
        try KernelLevel.checkForced()
        let topology = HostTopology.current
        let pool = try ThreadPool(threadCount: threadCount ?? topology.threadCount)
        print("kernels: \(KernelLevel.chosen); threads: \(pool.threadCount) (\(topology.reason))")
        let probe = MachineProbe(pool: pool)
        let integer = probe.integerPeak()
        print("int8 multiply-adds: \(Int(integer)) Gop/s")
        let bfloat = probe.bfloatPeak()
        if let bfloat { print("bf16 multiply-adds: \(Int(bfloat)) GFLOP/s") }
        let float = probe.floatPeak()
        print("f32 multiply-adds: \(Int(float)) GFLOP/s")
        let barrier = probe.barrierNanoseconds()
        print("barrier of all threads: \(Int(barrier)) ns")
        var rates: JSONObject = [:]
        for megabytes in Self.megabytes {
            // A machine without so much to spare would rather end the program than refuse the memory.
            guard (megabytes << 20) * pool.threadCount < HostMemory.available / 2 else {
                print("reading \(megabytes) MB per thread: -, too little memory is free")
                rates["\(megabytes)"] = .null
                continue
            }
            let rate = try probe.readBandwidth(megabytes: megabytes)
            print("reading \(megabytes) MB per thread: \(Int(rate)) GB/s")
            rates["\(megabytes)"] = .number(rate)
        }
        try ReportFile.write(
            [
                "kernels": .string("\(KernelLevel.chosen)"), "num_threads": .integer(pool.threadCount),
                "int8_gops": .number(integer), "bf16_gflops": bfloat.map { .number($0) } ?? .null,
                "f32_gflops": .number(float), "barrier_ns": .number(barrier), "read_gb_per_s": .object(rates),
            ],
            to: reportFile
        )
    }
}
