/// A regular expression as it is written.
indirect enum ExpressionTree {
    case empty
    /// One code point of a set.
    case set(CodePointRanges)
    case sequence([ExpressionTree])
    /// The first that leads to a match wins.
    case alternatives([ExpressionTree])
    case repeated(ExpressionTree, minimum: Int, maximum: Int?, RepetitionKind)
    /// Whether something follows, or doesn't.
    case lookahead(ExpressionTree, isNegative: Bool)
    /// Whether a code point of a set is before this place, or none.
    case lookbehind(CodePointRanges, isNegative: Bool)
    case anchor(Anchor)

    enum RepetitionKind {
        case greedy
        case lazy
        /// Takes all it can and gives nothing back.
        case possessive
    }

    enum Anchor: Sendable {
        case textStart
        case textEnd
        /// At the end or before a line feed that ends the text.
        case lastLineEnd
        case lineStart
        case lineEnd
        case wordBoundary
        case noWordBoundary
    }

    /// Most code points it can match; `nil` without a bound.
    var longest: Int? {
        switch self {
        case .empty, .lookahead, .lookbehind, .anchor: return 0
        case .set: return 1
        case .sequence(let parts):
            var sum = 0
            for part in parts {
                guard let length = part.longest else { return nil }
                sum = min(sum + length, Int(Int32.max))
            }
            return sum
        case .alternatives(let parts):
            var most = 0
            for part in parts {
                guard let length = part.longest else { return nil }
                most = max(most, length)
            }
            return most
        case .repeated(let part, _, let maximum, _):
            guard let maximum, let length = part.longest else { return nil }
            return min(maximum * length, Int(Int32.max))
        }
    }
}
