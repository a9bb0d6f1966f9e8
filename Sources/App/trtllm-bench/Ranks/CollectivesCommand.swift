internal import ArgumentParser
internal import Foundation
internal import OrderedJSON
internal import Parallel

/// How long ranks take to add up their parts, by every transport, so that the fastest is chosen by figures.
struct CollectivesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collectives",
        abstract: "Sums over processes: how long they take by shared memory, TCP and Open MPI."
    )

    @OptionGroup var options: CollectivesOptions

    mutating func run() throws {
        let usesMPI = options.transports.contains(RankWorld.Transport.mpi.rawValue)
        let door = try RankDoor(ranks: options.ranks, keepsMPI: usesMPI)
        defer { door.processes?.end(patience: 5) }
        var columns: [(name: String, times: [[Double]])] = []
        for name in options.transports {
            let world = try door.meet(
                transport: RankWorld.Transport(rawValue: name) ?? .auto,
                wire: WireFormat(rawValue: options.wire) ?? .float32
            )
            let probe = CollectiveProbe(communicator: world.communicator, rounds: options.rounds)
            let times = try [probe.barrier()] + options.bytes.map { try probe.allReduce(byteCount: $0) }
            columns.append((world.summary.components(separatedBy: "data by ").last ?? name, times))
        }
        OpenMPI.finish()
        if door.identity.rank == 0 { try report(columns, ranks: door.identity.size) }
    }

    private func report(_ columns: [(name: String, times: [[Double]])], ranks: Int) throws {
        var table = ReportTable(title: "sums over \(ranks) ranks, \(options.wire) on the way: microseconds")
        table.append(heads: columns.flatMap { ["\($0.name)", "90 %"] })
        var figures: [JSONValue] = []
        for (row, name) in (["barrier"] + options.bytes.map { "\($0) bytes" }).enumerated() {
            let rows = columns.map { Percentiles($0.times[row]) }
            table.append(name, rows.flatMap { [$0.median, $0.value(at: 0.9)] })
            for (column, figure) in zip(columns, rows) {
                figures.append([
                    "call": .string(row == 0 ? "barrier" : "all_reduce"), "transport": .string(column.name),
                    "bytes": .integer(row == 0 ? 0 : options.bytes[row - 1]), "microseconds": figure.json,
                ])
            }
        }
        print(table.text)
        try ReportFile.write(
            ["ranks": .integer(ranks), "wire": .string(options.wire), "measurements": .array(figures)],
            to: options.reportFile
        )
    }
}
