/// One way of cutting a text into words, as the `tokenizers` library has them.
enum PreTokenizerStep: Sendable {
    case split(SplitPattern, SplitBehavior, isInverted: Bool)
    /// Byte-level BPE's: a space in front where none is, words as GPT-2 has them, and all bytes as their characters in
    /// the byte alphabet; the last of which the model may do itself.
    case byteLevel(addsPrefixSpace: Bool, splits: Bool, spells: Bool)
    case metaspace(Metaspace)
    /// Words and runs of signs.
    case words
    /// What white space separates.
    case whitespace
    /// What white space separates, signs alone.
    case bert
    case punctuation(SplitBehavior)
    /// Digits alone, or runs of them.
    case digits(areAlone: Bool)
    case delimiter(UInt32)
    case fixedLength(Int)

    /// Cuts further; `isAtStart` says that the text's beginning is that of the whole.
    func apply(to text: inout SplitText, isAtStart: Bool, _ poll: inout CancellationPoll) {
        switch self {
        case .split(let pattern, let behavior, let isInverted):
            pattern.split(&text, behavior, isInverted: isInverted, &poll)
        case .byteLevel(let addsPrefixSpace, let splits, let spells):
            if addsPrefixSpace { Self.prefixSpaces(&text, &poll) }
            if splits { text.split([.gpt2], &poll) }
            if spells { Self.spell(&text, &poll) }
        case .metaspace(let metaspace): metaspace.apply(to: &text, isAtStart: isAtStart, &poll)
        case .words:
            Self.keepRuns(&text, &poll) { window, place in
                if window.isWhitespace(place) { return 0 }
                return LibrarySets.word.contains(window.scalar(place)) ? 1 : 2
            }
        case .whitespace: Self.split(&text, .removed, &poll) { $0.isWhitespace($1) }
        case .bert:
            Self.split(&text, .removed, &poll) { $0.isWhitespace($1) }
            Self.split(&text, .isolated, &poll) { LibrarySets.punctuation.contains($0.scalar($1)) }
        case .punctuation(let behavior):
            Self.split(&text, behavior, &poll) { LibrarySets.punctuation.contains($0.scalar($1)) }
        case .digits(let areAlone):
            Self.split(&text, areAlone ? .isolated : .contiguous, &poll) { LibrarySets.numbers.contains($0.scalar($1)) }
        case .delimiter(let delimiter): Self.split(&text, .removed, &poll) { $0.scalar($1) == delimiter }
        case .fixedLength(let count): text.cut(everyCount: count)
        }
    }

    /// Cuts by single code points.
    fileprivate static func split(
        _ text: inout SplitText,
        _ behavior: SplitBehavior,
        _ poll: inout CancellationPoll,
        _ fits: (SplitWindow, Int) -> Bool,
    ) {
        text.split(behavior, &poll) { window, _, body in
            for place in window.from..<window.to where fits(window, place) { body(place..<place + 1) }
        }
    }

    /// Keeps runs of code points of one kind, and nothing of kind 0.
    private static func keepRuns(
        _ text: inout SplitText,
        _ poll: inout CancellationPoll,
        _ kind: (SplitWindow, Int) -> Int,
    ) {
        text.split(.removed, isInverted: true, &poll) { window, _, body in
            var from = window.from
            while from < window.to {
                let found = kind(window, from)
                var end = from + 1
                while end < window.to, kind(window, end) == found { end += 1 }
                if found != 0 { body(from..<end) }
                from = end
            }
        }
    }

    /// Puts a space in front of pieces that don't begin with one.
    private static func prefixSpaces(_ text: inout SplitText, _ poll: inout CancellationPoll) {
        if text.pieces.allSatisfy({ text.points.scalars[$0.lowerBound] == 0x20 }) { return }
        text.rewrite(&poll) { old, piece, new in
            if old.scalars[piece.lowerBound] != 0x20 { new.append(0x20, .whitespace) }
            for place in piece { new.append(old.scalars[place], old.classes[place]) }
        }
    }

    private static func spell(_ text: inout SplitText, _ poll: inout CancellationPoll) {
        text.rewrite(&poll) { old, piece, new in
            for byte in old.bytes[Int(old.starts[piece.lowerBound])..<Int(old.starts[piece.upperBound])] {
                let scalar = UInt32(ByteAlphabet.scalars[Int(byte)])
                new.append(scalar, CharacterClassTable.latest[scalar])
            }
        }
    }
}

/// SentencePiece's visible space: in place of spaces, and in front of a text.
struct Metaspace: Sendable {
    /// When a text without one gets one in front.
    enum Prefix: String, Sendable {
        case always
        /// Only at the beginning of the whole.
        case first
        case never
    }

    var mark: UInt32 = 0x2581
    var prefix = Prefix.always
    /// Whether words are cut where marks are.
    var splits = true

    func apply(to text: inout SplitText, isAtStart: Bool, _ poll: inout CancellationPoll) {
        let kind = CharacterClassTable.latest[mark]
        text.rewrite(&poll) { old, piece, new in
            // Without white space in it, the beginning of the first piece is that of the text.
            let isWanted = prefix == .always || (prefix == .first && isAtStart && piece.lowerBound == 0)
            let lead = old.scalars[piece.lowerBound]
            if isWanted, lead != 0x20, lead != mark { new.append(mark, kind) }
            for place in piece {
                let scalar = old.scalars[place]
                if scalar == 0x20 { new.append(mark, kind) } else { new.append(scalar, old.classes[place]) }
            }
        }
        if !splits { return }
        PreTokenizerStep.split(&text, .mergedWithNext, &poll) { $0.scalar($1) == mark }
    }
}
