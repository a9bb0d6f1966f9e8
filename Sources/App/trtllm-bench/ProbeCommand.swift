internal import ArgumentParser
internal import Tensors

/// The machine's own limits, which the figures of models are shares of.
struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "What this machine can do: multiply-add peaks and read bandwidth."
    )

    @Option(name: .customLong("num_threads"), help: "Threads to measure with; default: what the machine grants.")
    var threadCount: Int?

    mutating func run() throws {
        let topology = HostTopology.current
        let pool = try ThreadPool(threadCount: threadCount ?? topology.threadCount)
        print("kernels: \(KernelLevel.chosen); threads: \(pool.threadCount) (\(topology.reason))")
        let probe = MachineProbe(pool: pool)
        print("int8 multiply-adds: \(Int(probe.integerPeak())) Gop/s")
        print("f32 multiply-adds: \(Int(probe.floatPeak())) GFLOP/s")
        for megabytes in [1, 8, 32, 128, 512] {
            let rate = try probe.readBandwidth(megabytes: megabytes)
            print("reading \(megabytes) MB per thread: \(Int(rate)) GB/s")
        }
    }
}
