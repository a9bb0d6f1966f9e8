/// What the processes take that compute a model together, and what the first of them exchanges with the others.
public struct RankFigures: Sendable, Hashable {
    /// Resident bytes of each process, by rank.
    public var memoryBytes: [Int: Int]
    /// Calls by which processes add up and gather what they have, since the start.
    public var calls: Int
    /// Bytes that rank 0 has sent in them.
    public var bytesSent: Int
    /// Seconds that rank 0 has spent in them, waiting for other ranks included.
    public var seconds: Double

    /// Known figures.
    public init(memoryBytes: [Int: Int], calls: Int, bytesSent: Int, seconds: Double) {
        self.memoryBytes = memoryBytes
        self.calls = calls
        self.bytesSent = bytesSent
        self.seconds = seconds
    }

    /// For the log, with what an iteration of so many took.
    public func summary(iterations: Int) -> String {
        let memory = memoryBytes.sorted { $0.key < $1.key }.map { "\($0.value >> 20) MiB" }.joined(separator: ", ")
        let each = Int(seconds * 1e6 / Double(max(1, iterations)))
        return
            "ranks: memory \(memory); \(calls) exchanges of rank 0 took \(Int(seconds * 1000)) ms, \(each) us in each of "
            + "\(iterations) iterations, and sent \(bytesSent) bytes"
    }
}
