package import ArgumentParser
internal import Parallel

/// What a measurement of ranks is told.
package struct CollectivesOptions: ParsableArguments, Sendable {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(name: .customLong("ranks"), help: "Processes to measure with; under a launcher, those that it starts.")
    package var ranks = 2

    @Option(
        name: .customLong("bytes"),
        parsing: .upToNextOption,
        help: "Bytes of single-precision numbers to add up."
    )
    package var bytes = [1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20]

    @Option(
        name: .customLong("transports"),
        parsing: .upToNextOption,
        help: "What carries the data: auto (shared memory within a host), tcp, and under a launcher mpi."
    )
    package var transports = ["auto", "tcp"]

    @Option(name: .customLong("wire"), help: "How numbers travel: float32 or bfloat16.")
    package var wire = WireFormat.float32.rawValue

    @Option(name: .customLong("rounds"), help: "Calls of each size.")
    package var rounds = 2000

    @Option(name: .customLong("report_json"), help: "File for the figures as JSON.")
    package var reportFile: String?

    /// Checks ranges and names, so that a bad value is a usage error.
    package mutating func validate() throws {
        try OptionRange.check("ranks", ranks, in: 1...RankIdentity.limit)
        try OptionRange.check("rounds", rounds, in: 1...1_000_000)
        for count in bytes { try OptionRange.check("bytes", count, in: 4...1 << 30) }
        for name in transports where RankWorld.Transport(rawValue: name) == nil {
            throw ValidationError("--transports is \(name), but must be one of auto, tcp, mpi")
        }
        guard WireFormat(rawValue: wire) != nil else {
            throw ValidationError("--wire is \(wire), but must be float32 or bfloat16")
        }
    }
}
