/// Finds a program's matches in one text.
///
/// It tries alternatives in order as backtracking matchers do, but no fork twice at a place: what failed there once will
/// fail again. So a text of n code points takes O(n) time for a program.
struct ExpressionMatcher {
    private let program: ExpressionProgram
    private let word: CodePointMap
    /// Words of `tried` for each place.
    private let width: Int
    /// The first place that `tried` has.
    private var base = 0
    /// One bit for each fork at each place.
    private var tried: [UInt64] = []
    private var pending: [(instruction: Int, place: Int)] = []

    init(_ program: ExpressionProgram, word: CodePointMap) {
        self.program = program
        self.word = word
        width = (program.marks + 63) / 64
    }

    /// The matches in a stretch of a text, beyond which there is nothing; not those without any code point.
    mutating func forEachMatch(
        in window: SplitWindow,
        _ poll: inout CancellationPoll,
        _ body: (Range<Int>) -> Void,
    ) {
        base = window.from
        tried.removeAll(keepingCapacity: true)
        tried.append(contentsOf: repeatElement(0, count: (window.to - window.from + 1) * width))
        var place = window.from
        while place < window.to {
            if poll.hasToStop(after: 1) { return }
            guard let end = match(window, at: place, &poll), end > place else {
                place += 1
                continue
            }
            body(place..<end)
            // What led here hasn't failed here.
            let row = (end - base) * width
            for index in row..<row + width { tried[index] = 0 }
            place = end
        }
    }

    /// Where the match that begins at a place ends.
    private mutating func match(
        _ window: SplitWindow,
        at start: Int,
        _ poll: inout CancellationPoll,
    ) -> Int? {
        pending.removeAll(keepingCapacity: true)
        var instruction = 0
        var place = start
        while true {
            var fits = true
            switch program.instructions[instruction] {
            case .match: return place
            case .jump(let next): instruction = next
            case .set(let set):
                fits = program.sets[set].contains(window.scalar(place))
                place += 1
                instruction += 1
            case .fork(let next, let other, let mark):
                let index = (place - base) * width + mark >> 6
                let bit = UInt64(1) << UInt64(mark & 63)
                fits = tried[index] & bit == 0
                tried[index] |= bit
                if fits { pending.append((other, place)) }
                instruction = next
            case .nextIs(let set, let isIn):
                fits = program.sets[set].contains(window.scalar(place)) == isIn
                instruction += 1
            case .previousIs(let set, let isIn):
                fits = program.sets[set].contains(window.before(place)) == isIn
                instruction += 1
            case .anchor(let anchor):
                fits = holds(anchor, window, place)
                instruction += 1
            case .look(let from, let isNegative, let next):
                fits = looks(window, from, place) != isNegative
                instruction = next
            }
            if fits { continue }
            guard let other = pending.popLast(), !poll.hasToStop(after: 1) else { return nil }
            (instruction, place) = other
        }
    }

    /// Whether a look ahead's program, which can match few code points only, matches at a place.
    private func looks(_ window: SplitWindow, _ from: Int, _ start: Int) -> Bool {
        var pending = [(from, start)]
        var seen: Set<Int> = []
        while let (instruction, place) = pending.popLast() {
            // Forks can't lead back here without a code point between: the look is bounded.
            if !seen.insert((place - start) << 16 | instruction).inserted { continue }
            switch program.instructions[instruction] {
            case .match: return true
            case .jump(let next): pending.append((next, place))
            case .set(let set):
                if program.sets[set].contains(window.scalar(place)) { pending.append((instruction + 1, place + 1)) }
            case .fork(let next, let other, _):
                pending.append((other, place))
                pending.append((next, place))
            case .nextIs(let set, let isIn):
                if program.sets[set].contains(window.scalar(place)) == isIn { pending.append((instruction + 1, place)) }
            case .previousIs(let set, let isIn):
                if program.sets[set].contains(window.before(place)) == isIn { pending.append((instruction + 1, place)) }
            case .anchor(let anchor):
                if holds(anchor, window, place) { pending.append((instruction + 1, place)) }
            case .look(let from, let isNegative, let next):
                if looks(window, from, place) != isNegative { pending.append((next, place)) }
            }
        }
        return false
    }

    private func holds(_ anchor: ExpressionTree.Anchor, _ window: SplitWindow, _ place: Int) -> Bool {
        func isFeed(_ place: Int) -> Bool { window.scalar(place) == 0x0A }
        switch anchor {
        case .textStart: return place == window.from
        case .textEnd: return place == window.to
        case .lastLineEnd: return place == window.to || (place + 1 == window.to && isFeed(place))
        case .lineStart: return place == window.from || window.before(place) == 0x0A && place < window.to
        case .lineEnd: return place == window.to || isFeed(place)
        case .wordBoundary, .noWordBoundary:
            let isBoundary = word.contains(window.before(place)) != word.contains(window.scalar(place))
            return isBoundary == (anchor == .wordBoundary)
        }
    }
}
