/// Says from what threads have used of cores whether they hang: a struct that is told the time.
struct StandstillJudge {
    /// Seconds without any use of a core after which threads hang.
    static let patience = 4.0
    /// Most seconds between two looks; where it is more, the whole process was stopped, or had no core.
    private static let longestPause = 1.0

    private var last: (time: Int, since: Double)?
    private var lastLook = 0.0

    /// Takes a look.
    ///
    /// - Parameters:
    ///   - time: Nanoseconds that the threads have run until now; `nil` while they may be idle.
    ///   - now: Seconds of a clock that only goes forward.
    /// - Returns: whether they hang.
    mutating func hangs(time: Int?, now: Double) -> Bool {
        defer { lastLook = now }
        guard let time else {
            last = nil
            return false
        }
        guard let last, last.time == time, now - lastLook < Self.longestPause else {
            self.last = (time, now)
            return false
        }
        return now - last.since >= Self.patience
    }
}
