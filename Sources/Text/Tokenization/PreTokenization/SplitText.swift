/// A text cut into pieces, of which some may be gone.
struct SplitText {
    private(set) var points: CodePoints
    /// Stretches of code points in order, none of them empty.
    private(set) var pieces: [Range<Int>]

    /// A text in one piece.
    init(_ bytes: [UInt8]) {
        points = CodePoints(bytes, .latest)
        pieces = points.count == 0 ? [] : [0..<points.count]
    }

    /// The bytes of a piece in `points.bytes`.
    func bytes(of piece: Range<Int>) -> Range<Int> {
        Int(points.starts[piece.lowerBound])..<Int(points.starts[piece.upperBound])
    }

    /// Cuts each piece by what a pattern finds in it.
    mutating func split(
        _ behavior: SplitBehavior,
        isInverted: Bool = false,
        _ poll: inout CancellationPoll,
        _ forEachMatch: (SplitWindow, inout CancellationPoll, (Range<Int>) -> Void) -> Void,
    ) {
        var cutter = PieceCutter(behavior, isInverted: isInverted, reserving: max(pieces.count, points.count / 4))
        points.scalars.withUnsafeBufferPointer { scalars in
            points.classes.withUnsafeBufferPointer { classes in
                for piece in pieces {
                    if poll.hasToStop(after: piece.count) { return }
                    let window = SplitWindow(scalars, classes, piece.lowerBound, piece.upperBound)
                    cutter.begin(piece)
                    forEachMatch(window, &poll) { cutter.add($0) }
                    cutter.end()
                }
            }
        }
        pieces = cutter.pieces
    }

    /// Cuts each piece by a rule whose pieces cover all of it.
    mutating func split(_ stages: [SplitStage], _ poll: inout CancellationPoll) {
        for stage in stages {
            var ends: [Int] = []
            var next: [Range<Int>] = []
            next.reserveCapacity(max(pieces.count, points.count / 4))
            points.scalars.withUnsafeBufferPointer { scalars in
                points.classes.withUnsafeBufferPointer { classes in
                    for piece in pieces {
                        if poll.hasToStop(after: piece.count) { return }
                        ends.removeAll(keepingCapacity: true)
                        stage.split(SplitWindow(scalars, classes, piece.lowerBound, piece.upperBound), into: &ends)
                        var from = piece.lowerBound
                        for end in ends {
                            next.append(from..<end)
                            from = end
                        }
                    }
                }
            }
            pieces = next
        }
    }

    /// Cuts each piece that is longer into pieces of so many code points.
    mutating func cut(everyCount count: Int) {
        pieces = pieces.flatMap { piece in
            stride(from: piece.lowerBound, to: piece.upperBound, by: count).map { from in
                from..<min(from + count, piece.upperBound)
            }
        }
    }

    /// Writes the text anew, piece by piece.
    mutating func rewrite(
        _ poll: inout CancellationPoll,
        _ body: (_ old: CodePoints, _ piece: Range<Int>, _ new: inout CodePoints) -> Void,
    ) {
        var new = CodePoints()
        new.reserve(points.count + pieces.count)
        pieces = pieces.compactMap { piece in
            if poll.hasToStop(after: piece.count) { return nil }
            let from = new.count
            body(points, piece, &new)
            return from < new.count ? from..<new.count : nil
        }
        points = new
    }
}

/// What becomes of the stretches that a pattern finds; the names are the `tokenizers` library's.
enum SplitBehavior: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
}

/// Makes pieces of matches and what is between them.
private struct PieceCutter {
    private let behavior: SplitBehavior
    private let isInverted: Bool
    private(set) var pieces: [Range<Int>] = []
    private var piece = 0..<0
    private var from = 0
    private var first = 0
    /// Whether the stretch before was found; with `mergedWithNext` a found one waits for the next.
    private var wasMatch = false

    init(_ behavior: SplitBehavior, isInverted: Bool, reserving count: Int) {
        self.behavior = behavior
        self.isInverted = isInverted
        pieces.reserveCapacity(count)
    }

    mutating func begin(_ piece: Range<Int>) {
        self.piece = piece
        from = piece.lowerBound
        first = pieces.count
        wasMatch = false
    }

    mutating func add(_ match: Range<Int>) {
        if from < match.lowerBound { put(from..<match.lowerBound, isMatch: isInverted) }
        put(match, isMatch: !isInverted)
        from = match.upperBound
    }

    mutating func end() {
        if from < piece.upperBound { put(from..<piece.upperBound, isMatch: isInverted) }
    }

    private mutating func put(_ range: Range<Int>, isMatch: Bool) {
        defer { wasMatch = isMatch }
        switch behavior {
        case .isolated: pieces.append(range)
        case .removed: if !isMatch { pieces.append(range) }
        case .contiguous: if isMatch == wasMatch { join(range) } else { pieces.append(range) }
        case .mergedWithPrevious: if isMatch, !wasMatch { join(range) } else { pieces.append(range) }
        // Seen from the end: what isn't found takes the match before it, and of matches in a row only the last is taken.
        case .mergedWithNext: if !isMatch, wasMatch { join(range) } else { pieces.append(range) }
        }
    }

    /// Makes the piece before longer, if there is one.
    private mutating func join(_ range: Range<Int>) {
        if pieces.count > first {
            pieces[pieces.count - 1] = pieces[pieces.count - 1].lowerBound..<range.upperBound
        } else {
            pieces.append(range)
        }
    }
}
