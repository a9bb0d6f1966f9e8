/// Breaks lines as Python's `textwrap` does.
struct WordWrap {
    let width: Int
    let breaksLongWords: Bool
    let breaksOnHyphens: Bool

    /// The lines of a paragraph, each at most `width` code points long where words allow it.
    func lines(of text: [UInt32]) -> [[UInt32]] {
        var chunks: [[UInt32]] = chunks(of: text).reversed()
        var lines: [[UInt32]] = []
        while !chunks.isEmpty {
            var line: [[UInt32]] = []
            var length = 0
            if isBlank(chunks[chunks.count - 1]), !lines.isEmpty { chunks.removeLast() }
            while let chunk = chunks.last, length + chunk.count <= width {
                line.append(chunk)
                length += chunk.count
                chunks.removeLast()
            }
            if let chunk = chunks.last, chunk.count > width { breakLong(chunk, &chunks, &line, length) }
            if let last = line.last, isBlank(last) { line.removeLast() }
            if !line.isEmpty { lines.append(Array(line.joined())) }
        }
        return lines
    }

    private func breakLong(_ chunk: [UInt32], _ chunks: inout [[UInt32]], _ line: inout [[UInt32]], _ length: Int) {
        if breaksLongWords {
            let space = width - length
            var end = space
            if breaksOnHyphens, chunk.count > space, let hyphen = chunk[..<space].lastIndex(of: 0x2D), hyphen > 0,
                chunk[..<hyphen].contains(where: { $0 != 0x2D })
            {
                end = hyphen + 1
            }
            line.append(Array(chunk[..<end]))
            chunks[chunks.count - 1] = Array(chunk[end...])
        } else if line.isEmpty {
            line.append(chunks.removeLast())
        }
    }

    private func isBlank(_ chunk: [UInt32]) -> Bool { chunk.allSatisfy(Whitespace.contains) }

    /// Words and the blanks between them; hyphenated words are cut behind their hyphens.
    private func chunks(of text: [UInt32]) -> [[UInt32]] {
        var chunks: [[UInt32]] = []
        var start = 0
        func isSpace(_ index: Int) -> Bool { text[index] == 0x20 || (0x09...0x0D).contains(text[index]) }
        while start < text.count {
            var end = start + 1
            while end < text.count, isSpace(end) == isSpace(start) { end += 1 }
            let run = Array(text[start..<end])
            if breaksOnHyphens, !isSpace(start) { chunks += parts(of: run) } else { chunks.append(run) }
            start = end
        }
        return chunks
    }

    /// A word cut behind hyphens between letters, and around dashes of two hyphens and more.
    private func parts(of word: [UInt32]) -> [[UInt32]] {
        var parts: [[UInt32]] = []
        var start = 0
        var index = 0
        func isLetter(_ index: Int) -> Bool {
            word.indices.contains(index) && CharacterClass.isWord(word[index])
                && !(UInt32(0x30)...0x39).contains(word[index])
        }
        while index < word.count {
            guard word[index] == 0x2D else {
                index += 1
                continue
            }
            var end = index
            while end < word.count, word[end] == 0x2D { end += 1 }
            if end - index >= 2, end < word.count, CharacterClass.isWord(word[end]), index > start {
                parts.append(Array(word[start..<index]))
                parts.append(Array(word[index..<end]))
                start = end
            } else if end - index == 1, isLetter(index - 1), isLetter(index - 2), isLetter(end), isLetter(end + 1) {
                parts.append(Array(word[start..<end]))
                start = end
            }
            index = end
        }
        if start < word.count { parts.append(Array(word[start...])) }
        return parts
    }
}
