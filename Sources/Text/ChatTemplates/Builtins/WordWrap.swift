/// Breaks lines as Python's `textwrap` does, in time proportional to the text.
struct WordWrap {
    let width: Int
    let breaksLongWords: Bool
    let breaksOnHyphens: Bool

    /// Hands over the lines of a paragraph, each at most `width` code points long where words allow it.
    ///
    /// What a line holds is always one piece of the text: only whole blanks between lines are left out.
    func eachLine(
        of text: [UInt32],
        _ interpreter: Interpreter,
        _ take: (Range<Int>) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        var chunks = Chunks(text: text, breaksOnHyphens: breaksOnHyphens)
        var isFirst = true
        while let first = chunks.current {
            if first.isBlank, !isFirst { chunks.skip() }
            let start = chunks.position
            // Where the line ends, and where it ended before its last chunk.
            var (end, lastStart) = (start, start)
            while let chunk = chunks.current, chunk.range.upperBound - start <= width {
                try interpreter.charge(1 + chunk.range.count / 8)
                (lastStart, end) = (chunk.range.lowerBound, chunk.range.upperBound)
                chunks.skip()
            }
            if let chunk = chunks.current, chunk.range.count > width {
                let cut = breakLong(chunk.range, of: text, lineLength: end - start)
                if cut > chunk.range.lowerBound || breaksLongWords {
                    try interpreter.charge(1 + (cut - chunk.range.lowerBound) / 8)
                    (lastStart, end) = (chunk.range.lowerBound, cut)
                    chunks.cut(at: cut)
                }
            }
            if text[lastStart..<end].allSatisfy(Whitespace.contains) { end = lastStart }
            if end > start {
                try take(start..<end)
                isFirst = false
            }
        }
    }

    /// How far into a chunk that is longer than a line the line reaches.
    private func breakLong(_ chunk: Range<Int>, of text: [UInt32], lineLength: Int) -> Int {
        guard breaksLongWords else { return lineLength == 0 ? chunk.upperBound : chunk.lowerBound }
        let end = chunk.lowerBound + (width - lineLength)
        if breaksOnHyphens, let hyphen = text[chunk.lowerBound..<end].lastIndex(of: 0x2D), hyphen > chunk.lowerBound,
            text[chunk.lowerBound..<hyphen].contains(where: { $0 != 0x2D })
        {
            return hyphen + 1
        }
        return end
    }
}

/// Words and the blanks between them; hyphenated words are cut behind their hyphens.
private struct Chunks {
    struct Chunk {
        var range: Range<Int>
        /// The last code point that isn't whitespace.
        var lastInk: Int?

        var isBlank: Bool { lastInk.map { $0 < range.lowerBound } ?? true }
    }

    private let text: [UInt32]
    private let breaksOnHyphens: Bool
    /// The rest of the run of blanks or others that the current chunk is from.
    private var runEnd = 0
    private(set) var current: Chunk?

    init(text: [UInt32], breaksOnHyphens: Bool) {
        self.text = text
        self.breaksOnHyphens = breaksOnHyphens
        read(from: 0)
    }

    /// Where the current chunk starts, or the end of the text.
    var position: Int { current?.range.lowerBound ?? text.count }

    mutating func skip() {
        guard let current else { return }
        read(from: current.range.upperBound)
    }

    /// Takes the beginning of the current chunk away.
    mutating func cut(at place: Int) {
        guard let chunk = current else { return }
        if place < chunk.range.upperBound { current?.range = place..<chunk.range.upperBound } else { skip() }
    }

    private mutating func read(from start: Int) {
        guard start < text.count else {
            current = nil
            return
        }
        if start >= runEnd {
            runEnd = start + 1
            while runEnd < text.count, isSpace(runEnd) == isSpace(start) { runEnd += 1 }
        }
        let end = breaksOnHyphens && !isSpace(start) ? partEnd(from: start) : runEnd
        current = Chunk(range: start..<end, lastInk: text[start..<end].lastIndex { !Whitespace.contains($0) })
    }

    private func isSpace(_ index: Int) -> Bool { text[index] == 0x20 || (0x09...0x0D).contains(text[index]) }

    /// The end of the first part of a word: behind a hyphen between letters, or around a dash of two hyphens and more.
    private func partEnd(from start: Int) -> Int {
        var index = start
        while index < runEnd {
            guard text[index] == 0x2D else {
                index += 1
                continue
            }
            var end = index
            while end < runEnd, text[end] == 0x2D { end += 1 }
            if end - index >= 2, end < runEnd, CharacterClass.isWord(text[end]) {
                if index > start { return index }
                if isDash(at: start) { return end }
            } else if end - index == 1, isLetter(index - 1), isLetter(index - 2), isLetter(end), isLetter(end + 1) {
                return end
            }
            index = end
        }
        return runEnd
    }

    /// Whether the hyphens at a place are a part of their own: those that a word stands before.
    private func isDash(at start: Int) -> Bool {
        start > 0 && !isSpace(start - 1) && text[start - 1] != 0x2D
    }

    private func isLetter(_ index: Int) -> Bool {
        guard index >= 0, index < text.count, !isSpace(index) else { return false }
        return CharacterClass.isWord(text[index]) && !(UInt32(0x30)...0x39).contains(text[index])
    }
}
