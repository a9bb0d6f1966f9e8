/// Cuts a template's source into tokens, with Jinja's rules for whitespace around tags.
///
/// `trim_blocks`: one newline after a block or comment goes. `lstrip_blocks`: blanks between the start of a line and a
/// block or comment go. `-` strips all whitespace on its side, `+` turns the two rules off on its side.
struct Lexer {
    let source: [UInt8]
    var offset = 0
    private(set) var tokens: [Token] = []
    private var line = 1
    /// How far `line` has been counted.
    private var countedTo = 0
    /// Whether the last tag read ended just behind a newline, or nothing was read yet.
    private var lineStarting = true
    /// Closing brackets owed; tags don't end inside brackets.
    var brackets: [Symbol] = []

    /// A lexer of a source; newlines become `\n`, and one at the very end is dropped.
    init(_ text: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0D {
                bytes.append(0x0A)
            } else if byte != 0x0A || previous != 0x0D {
                bytes.append(byte)
            }
            previous = byte
        }
        if bytes.last == 0x0A { bytes.removeLast() }
        source = bytes
    }

    /// All tokens; the last is `end` or `failure`.
    static func tokens(of text: String) -> (tokens: [Token], source: [UInt8]) {
        var lexer = Lexer(text)
        do {
            try lexer.document()
            lexer.add(.end, at: lexer.source.count)
        } catch {
            lexer.add(.failure(error.message), at: error.offset)
        }
        return (lexer.tokens, lexer.source)
    }

    /// What stops the lexer, and at which byte.
    struct Failure: Error {
        let message: String
        let offset: Int
    }

    mutating func add(_ kind: Token.Kind, at position: Int) {
        while countedTo < position {
            if source[countedTo] == 0x0A { line += 1 }
            countedTo += 1
        }
        tokens.append(Token(kind: kind, line: line, offset: position))
    }

    private mutating func document() throws(Failure) {
        while offset < source.count {
            let start = offset
            guard let tag = nextTag() else {
                add(.data(Array(source[start...])), at: start)
                return
            }
            let sign = byte(tag + 2)
            let kind = source[tag + 1]
            addData(from: start, to: tag, sign: sign, stripsLine: kind != UInt8(ascii: "{"))
            let body = tag + (sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? 3 : 2)
            if kind == UInt8(ascii: "#") {
                try comment(tag: tag, from: body)
            } else if kind == UInt8(ascii: "%"), let rawStart = rawTag("raw", from: body, trims: false) {
                try raw(tag: tag, from: rawStart)
            } else {
                add(kind == UInt8(ascii: "{") ? .variableBegin : .blockBegin, at: tag)
                offset = body
                try expression(isBlock: kind == UInt8(ascii: "%"))
            }
            lineStarting = offset > 0 && source[offset - 1] == 0x0A
        }
    }

    /// Where the next `{{`, `{%` or `{#` is.
    private func nextTag() -> Int? {
        var index = offset
        while index + 1 < source.count {
            if source[index] == UInt8(ascii: "{") {
                let next = source[index + 1]
                if next == UInt8(ascii: "{") || next == UInt8(ascii: "%") || next == UInt8(ascii: "#") { return index }
            }
            index += 1
        }
        return nil
    }

    func byte(_ index: Int) -> UInt8? { index < source.count ? source[index] : nil }

    func matches(_ text: StaticString, at index: Int) -> Bool {
        guard index + text.utf8CodeUnitCount <= source.count else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(source[index..<index + $0.count]) }
    }

    private mutating func addData(from start: Int, to end: Int, sign: UInt8?, stripsLine: Bool) {
        var stop = end
        if sign == UInt8(ascii: "-") {
            stop = Whitespace.trailingStart(in: source, start..<end)
        } else if sign != UInt8(ascii: "+"), stripsLine {
            let lineStart = source[start..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? start
            if lineStart > start || lineStarting, Whitespace.trailingStart(in: source, lineStart..<end) == lineStart {
                stop = lineStart
            }
        }
        if stop > start { add(.data(Array(source[start..<stop])), at: start) }
    }

    /// The end of a tag's closing `%}`, `}}` or `#}` and of the whitespace it takes along, if one is at this place.
    func closing(_ mark: StaticString, at index: Int, trims: Bool) -> Int? {
        if matches(mark, at: index) {
            let end = index + 2
            return trims && byte(end) == 0x0A ? end + 1 : end
        }
        guard let sign = byte(index), matches(mark, at: index + 1) else { return nil }
        if sign == UInt8(ascii: "-") { return Whitespace.end(in: source, from: index + 3) }
        return sign == UInt8(ascii: "+") && trims ? index + 3 : nil
    }

    private mutating func comment(tag: Int, from body: Int) throws(Failure) {
        var index = body
        while index < source.count {
            if let end = closing("#}", at: index, trims: true) {
                offset = end
                return
            }
            index += 1
        }
        throw Failure(message: "Missing end of comment tag", offset: tag)
    }

    /// The end of the rest of a `raw` or `endraw` tag, if this is one.
    private func rawTag(_ word: StaticString, from index: Int, trims: Bool) -> Int? {
        let start = Whitespace.end(in: source, from: index)
        guard matches(word, at: start) else { return nil }
        let end = Whitespace.end(in: source, from: start + word.utf8CodeUnitCount)
        if !trims, byte(end) == UInt8(ascii: "+") { return nil }
        return closing("%}", at: end, trims: trims)
    }

    private mutating func raw(tag: Int, from body: Int) throws(Failure) {
        lineStarting = source[body - 1] == 0x0A
        var index = body
        while index < source.count {
            if matches("{%", at: index) {
                let sign = byte(index + 2)
                let isSigned = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
                if let end = rawTag("endraw", from: index + (isSigned ? 3 : 2), trims: true) {
                    addData(from: body, to: index, sign: isSigned ? sign : nil, stripsLine: true)
                    offset = end
                    return
                }
            }
            index += 1
        }
        throw Failure(message: "Missing end of raw directive", offset: tag)
    }
}
