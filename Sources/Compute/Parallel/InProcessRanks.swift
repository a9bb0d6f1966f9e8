/// Ranks that are threads of this process: the twin of processes, for tests and for trying a layout.
public enum InProcessRanks {
    /// Communicators of `count` ranks, in their order, each for a thread of its own.
    ///
    /// They share one `interruption`: who ends the calls of one rank ends those of all.
    /// - Throws: `CommunicatorError.failed` when there is no address space for what they share.
    public static func communicators(
        _ count: Int,
        wire: WireFormat = .float32,
    ) throws(CommunicatorError) -> [any Communicator] {
        guard count > 1 else { return [SingleProcess()] }
        let region = try SharedRegion(ranks: count)
        let interruption = Interruption()
        return (0..<count).map { rank in
            SharedMemoryCommunicator(rank: rank, size: count, region: region, wire: wire, interruption: interruption)
        }
    }
}
