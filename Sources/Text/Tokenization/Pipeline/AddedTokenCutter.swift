/// Cuts added tokens out of a text: of those that begin leftmost the longest.
struct AddedTokenCutter: Sendable {
    enum Part: Equatable {
        case text(Range<Int>)
        case token(TokenID)
    }

    private struct Match {
        var token: Int
        var range: Range<Int>
    }

    private let tokens: [AddedToken]
    private var trie = ByteTrie()

    /// - Parameters:
    ///   - tokens: The tokens.
    ///   - contents: What each is written like in a text; none is found where that is empty.
    init(_ tokens: [AddedToken], contents: [[UInt8]]) {
        self.tokens = tokens
        for (index, content) in contents.enumerated() { trie.insert(content, value: TokenID(index)) }
    }

    /// The parts of a text in order.
    ///
    /// - Parameters:
    ///   - text: Valid UTF-8.
    ///   - mayBeSpecial: Whether special tokens may be where their text is.
    ///   - poll: Stops with what has been found.
    func cut(
        _ text: [UInt8],
        _ poll: inout CancellationPoll,
        mayBeSpecial: (Range<Int>) -> Bool,
    ) -> [Part] {
        if text.isEmpty { return [] }
        if trie.isEmpty { return [.text(0..<text.count)] }
        return text.withUnsafeBufferPointer { text in
            var parts: [Part] = []
            var from = 0
            forEachMatch(in: text, &poll) { match in
                let token = tokens[match.token]
                var (start, end) = (match.range.lowerBound, match.range.upperBound)
                if token.isSpecial, !mayBeSpecial(match.range) { return }
                if token.isSingleWord, Self.isWord(text, before: start) || Self.isWord(text, at: end) { return }
                if token.stripsLeft { start = max(Self.spaceStart(text, before: start, from), from) }
                if token.stripsRight { end = Self.spaceEnd(text, from: end) }
                if from < start { parts.append(.text(from..<start)) }
                parts.append(.token(token.id))
                from = end
            }
            if from < text.count { parts.append(.text(from..<text.count)) }
            return parts
        }
    }

    private func forEachMatch(
        in text: UnsafeBufferPointer<UInt8>,
        _ poll: inout CancellationPoll,
        _ body: (Match) -> Void,
    ) {
        var place = 0
        while place < text.count {
            let found = trie.longest(in: text, at: place, limit: text.count)
            let next = found?.end ?? place + 1
            if poll.hasToStop(after: next - place) { return }
            if let found { body(Match(token: Int(found.value), range: place..<found.end)) }
            place = next
        }
    }

    private static func isWord(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
        place < text.count && LibrarySets.word.contains(LenientUTF8.decode(text, at: place).scalar)
    }

    private static func isWord(_ text: UnsafeBufferPointer<UInt8>, before place: Int) -> Bool {
        place > 0 && isWord(text, at: scalarStart(text, before: place))
    }

    private static func scalarStart(_ text: UnsafeBufferPointer<UInt8>, before place: Int) -> Int {
        var start = place - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    private static func isSpace(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
        CharacterClassTable.latest[LenientUTF8.decode(text, at: place).scalar].contains(.whitespace)
    }

    /// Where the white space before a place begins, but not before `limit`.
    private static func spaceStart(_ text: UnsafeBufferPointer<UInt8>, before place: Int, _ limit: Int) -> Int {
        var start = place
        while start > limit {
            let before = scalarStart(text, before: start)
            if !isSpace(text, at: before) { break }
            start = before
        }
        return start
    }

    private static func spaceEnd(_ text: UnsafeBufferPointer<UInt8>, from place: Int) -> Int {
        var end = place
        while end < text.count, isSpace(text, at: end) { end += LenientUTF8.length(lead: text[end]) }
        return min(end, text.count)
    }
}
