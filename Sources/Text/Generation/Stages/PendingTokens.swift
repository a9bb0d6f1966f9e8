package import Tokenization

/// Tokens whose text isn't released yet, in order, so that ids and reports leave together with their text.
///
/// Offsets count the bytes that the detokenizer has given out. A token is *settled* when its text is known; the first
/// tokens of a character cut in two are settled by the one that completes it.
package struct PendingTokens: Sendable {
    /// A token and what is reported of it.
    package struct Entry: Sendable {
        package var id: TokenID
        package var report: TokenReport?
        /// Where its text begins.
        var start: Int
        /// Where its text ends; `nil` until it is settled.
        var end: Int?
    }

    private var entries: [Entry] = []
    private var textEnd = 0

    /// No tokens.
    package init() {}

    /// Adds a token.
    package mutating func append(_ id: TokenID, report: TokenReport?) {
        entries.append(Entry(id: id, report: report, start: textEnd))
    }

    /// The detokenizer gave out `count` bytes, or is known to give out none for the last token.
    package mutating func settle(byteCount count: Int) {
        textEnd += count
        for index in entries.indices.reversed() {
            if entries[index].end != nil { break }
            entries[index].end = textEnd
        }
    }

    /// Removes and returns the tokens whose text ends at or before `offset`.
    package mutating func release(through offset: Int) -> [Entry] {
        let count = entries.prefix { $0.end.map { $0 <= offset } ?? false }.count
        defer { entries.removeFirst(count) }
        return Array(entries[..<count])
    }

    /// Ends a choice whose text was cut at `offset`: returns the tokens of which any text stays.
    package mutating func cut(at offset: Int) -> [Entry] {
        defer { entries = [] }
        return entries.filter { $0.start < offset || $0.end.map { $0 <= offset } ?? false }
    }

    /// Removes and returns all tokens.
    package mutating func releaseAll() -> [Entry] {
        defer { entries = [] }
        return entries
    }
}
