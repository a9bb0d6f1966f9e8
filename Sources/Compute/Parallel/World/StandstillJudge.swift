/// Says from the signs of threads at work whether they hang: a struct that is told the time.
///
/// They hang
/// - when none of them has used a core for some seconds, unless one is held up: a page of a file on a slow disk, or other
///   programs on all cores, may take longer;
/// - when one of them uses a core all the time, but no piece of work gets done.
package struct StandstillJudge {
    /// Seconds after which threads hang, and those that one may be held up.
    static let (patience, longestHold) = (4.0, 60.0)
    /// Seconds of a core within which a piece of work is done, however slow the machine is.
    private static let longestPiece = 3.5
    /// Most seconds between two looks; where it is more, the whole process was stopped, or had no core.
    private static let longestPause = 1.0

    /// The processor times of all threads when they last grew, or when a piece was last done, and since when.
    private struct Mark {
        var times: [Int]
        var since: Double
    }

    private var lastUse: Mark?
    private var lastPiece: (beats: Int, mark: Mark)?
    private var lastLook = 0.0

    /// Nothing was seen yet.
    package init() {}

    /// Takes a look.
    ///
    /// - Parameters:
    ///   - signs: What the threads have done until now; `nil` while they may be idle.
    ///   - now: Seconds of a clock that only goes forward.
    /// - Returns: how they hang, for people; `nil` if they don't.
    package mutating func standstill(_ signs: ComputeSigns?, now: Double) -> String? {
        defer { lastLook = now }
        if signs == nil || now - lastLook >= Self.longestPause { (lastUse, lastPiece) = (nil, nil) }
        guard let signs else { return nil }
        let mark = Mark(times: signs.processorTimes, since: now)
        if lastUse?.times != mark.times { lastUse = mark }
        if lastPiece?.beats != signs.beats { lastPiece = signs.beats.map { ($0, mark) } }
        return rest(signs, now) ?? circling(signs, now)
    }

    private func rest(_ signs: ComputeSigns, _ now: Double) -> String? {
        let seconds = now - (lastUse?.since ?? now)
        guard seconds >= Self.patience else { return nil }
        guard signs.isHeldUp() else { return "its computing has stood still for \(Int(Self.patience)) seconds" }
        return seconds < Self.longestHold
            ? nil : "its computing has waited for a device or a core for \(Int(Self.longestHold)) seconds"
    }

    private func circling(_ signs: ComputeSigns, _ now: Double) -> String? {
        guard let (_, mark) = lastPiece, now - mark.since >= Self.patience else { return nil }
        let most = zip(signs.processorTimes, mark.times).map { $0 - $1 }.max() ?? 0
        guard Double(most) >= Self.longestPiece * 1e9 else { return nil }
        return "its computing has got nowhere for \(Int(now - mark.since)) seconds, though it keeps a core busy"
    }
}
