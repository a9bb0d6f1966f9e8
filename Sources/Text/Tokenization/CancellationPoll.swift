/// Asks now and then, as work goes on, whether anybody still wants it.
struct CancellationPoll {
    /// Units of work between two questions: a few milliseconds of bytes, symbols or joinings.
    private static let interval = 1 << 15

    private let isCancelled: () -> Bool
    private var left = interval
    /// Whether the work is for nothing.
    private(set) var isRaised = false

    init(_ isCancelled: @escaping () -> Bool) { self.isCancelled = isCancelled }

    /// Counts work done; whether to stop.
    @inline(__always)
    mutating func hasToStop(after work: Int) -> Bool {
        left -= work
        return left > 0 ? isRaised : ask()
    }

    @inline(never)
    private mutating func ask() -> Bool {
        left = Self.interval
        isRaised = isRaised || isCancelled()
        return isRaised
    }
}
