/// A stretch of code points that a rule may look at; beyond its end there is nothing.
struct SplitWindow {
    private let scalars: UnsafeBufferPointer<UInt32>
    private let classes: UnsafeBufferPointer<CharacterClass>
    let from: Int
    let to: Int

    /// `to` is at most the buffers' count.
    init(
        _ scalars: UnsafeBufferPointer<UInt32>,
        _ classes: UnsafeBufferPointer<CharacterClass>,
        _ from: Int,
        _ to: Int,
    ) {
        self.scalars = scalars
        self.classes = classes
        self.from = from
        self.to = to
    }

    /// The code point at a place; beyond the end a value that equals none.
    @inline(__always)
    func scalar(_ place: Int) -> UInt32 { place < to ? scalars[place] : .max }

    /// The code point before a place; at the start a value that equals none.
    @inline(__always)
    func before(_ place: Int) -> UInt32 { place > from ? scalars[place - 1] : .max }

    /// The class at a place; empty beyond the end.
    @inline(__always)
    func kind(_ place: Int) -> CharacterClass { place < to ? classes[place] : [] }

    @inline(__always)
    func isWhitespace(_ place: Int) -> Bool { kind(place).contains(.whitespace) }

    @inline(__always)
    func isNewline(_ place: Int) -> Bool {
        let scalar = scalar(place)
        return scalar == 0x0A || scalar == 0x0D
    }

    /// The first place from `place` on that isn't white space.
    @inline(__always)
    func afterWhitespace(_ place: Int) -> Int {
        var end = place
        while end < to, isWhitespace(end) { end += 1 }
        return end
    }

    /// `\s+(?!\S)|\s+`: a run of white space leaves its last character to a word that follows.
    @inline(__always)
    func whitespaceRun(_ place: Int) -> Int {
        let end = afterWhitespace(place)
        return end < to && end - place > 1 ? end - 1 : end
    }

    /// `\s*[\r\n]+`: white space up to the last line end in it; `place` when there is none.
    @inline(__always)
    func throughNewlines(_ place: Int) -> Int {
        var end = place
        var last = place
        while end < to, isWhitespace(end) {
            end += 1
            if isNewline(end - 1) { last = end }
        }
        return last
    }
}

/// One regular expression of a pre-tokenizer, written by hand.
protocol SplitRule: Sendable {
    /// Where the match that begins at `place` ends; `place` itself when none begins there.
    func matchEnd(in window: SplitWindow, at place: Int) -> Int
}

extension SplitRule {
    /// Appends the ends of the window's pieces: matches, and whatever is between them.
    @inline(__always)
    func split(_ window: SplitWindow, into ends: inout [Int]) {
        var place = window.from
        var gap = place
        while place < window.to {
            let end = matchEnd(in: window, at: place)
            if end == place {
                place += 1
                continue
            }
            if gap < place { ends.append(place) }
            ends.append(end)
            place = end
            gap = end
        }
        if gap < window.to { ends.append(window.to) }
    }
}
