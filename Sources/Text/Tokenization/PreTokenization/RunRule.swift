/// `X+` for a set of code points, with optional white space in front and a bound on the length.
struct RunRule: SplitRule {
    /// What may stand in front of a run as part of it.
    enum Lead {
        case nothing
        case space
        case anyWhitespace
    }

    var set: CodePointSet
    var lead: Lead = .nothing
    var minimum = 1
    var maximum = Int.max

    func matchEnd(in window: SplitWindow, at place: Int) -> Int {
        var start = place
        switch lead {
        case .nothing: break
        case .space: if window.scalar(place) == 0x20 { start += 1 }
        case .anyWhitespace: if window.isWhitespace(place) { start += 1 }
        }
        var end = start
        while end < window.to, end - start < maximum, set.contains(window.scalar(end), window.kind(end)) { end += 1 }
        return end - start >= minimum ? end : place
    }
}

/// `\s+$`: the white space at a window's end.
struct TrailingWhitespaceRule {
    func split(_ window: SplitWindow, into ends: inout [Int]) {
        var start = window.to
        while start > window.from, window.isWhitespace(start - 1) { start -= 1 }
        if start > window.from { ends.append(start) }
        if start < window.to { ends.append(window.to) }
    }
}

/// `[^\n]+|[\n]+`: lines, and runs of line feeds.
struct LineRule: SplitRule {
    func matchEnd(in window: SplitWindow, at place: Int) -> Int {
        let isFeed = window.scalar(place) == 0x0A
        var end = place + 1
        while end < window.to, (window.scalar(end) == 0x0A) == isFeed { end += 1 }
        return end
    }
}
