/// What carries bytes between ranks that share no memory.
protocol MessageTransport: AnyObject, Sendable {
    /// This process's place, `0..<size`.
    var rank: Int { get }
    /// Number of ranks.
    var size: Int { get }

    /// Carries all of them at the same time and returns when all have gone or come: at most one to and one from each rank.
    ///
    /// Between two ranks, messages come in the order in which they were given, with the lengths they were given with.
    ///
    /// - Returns: nanoseconds in which nothing could be carried.
    func exchange(_ transfers: [Transfer]) throws(CommunicatorError) -> Int

    /// The transport of those ranks that gave the same color to a split.
    func split(_ group: SplitGroup) throws(CommunicatorError) -> any MessageTransport
}

/// Bytes on the way between this rank and another.
enum Transfer {
    case send(UnsafeRawBufferPointer, to: Int)
    case receive(UnsafeMutableRawBufferPointer, from: Int)

    /// Whether there is nothing to carry.
    var isEmpty: Bool {
        switch self {
        case .send(let bytes, _): bytes.isEmpty
        case .receive(let bytes, _): bytes.isEmpty
        }
    }
}
