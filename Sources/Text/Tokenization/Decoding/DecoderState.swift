/// A stage of a decoder on its way through a stream.
struct DecoderState: Sendable {
    private let stage: TokenDecoderStage
    /// Whether what comes is one token in parts.
    private let isJoined: Bool
    /// Text that can't be passed on yet.
    private var held: [UInt8] = []
    /// Whether no token has come yet, and what comes is the beginning of a text.
    private var isFirst: Bool
    private var last: [UInt8]?

    init(_ stage: TokenDecoderStage, isJoined: Bool, isAtStart: Bool) {
        self.stage = stage
        self.isJoined = isJoined
        isFirst = isAtStart
    }

    /// Takes a token, or a part of the only one, and passes on what is final.
    mutating func take(_ token: [UInt8], _ next: ([UInt8]) -> Void) {
        let isFirst = self.isFirst
        self.isFirst = self.isFirst && holdsStart
        var text = token
        switch stage {
        case .byteLevel:
            text = Self.bytes(ofSpelled: token)
            text = valid(text, isEnd: false)
            if !text.isEmpty { next(text) }
        case .bytes:
            text = valid(token, isEnd: false)
            if !text.isEmpty { next(text) }
        case .byteFallback: takeFallback(token, next)
        case .whole(let key, let content): next(token == key ? content : token)
        case .replace(let key, let content):
            text = isJoined ? replaceJoined(token, key, content, isEnd: false) : Self.replaced(token, key, content)
            next(text)
        case .firstMark(let mark, let repeats):
            if isFirst, token.starts(with: mark) { text.removeFirst(mark.count) }
            self.isFirst = isFirst && repeats && text.isEmpty
            next(text)
        case .fuse: next(text)
        case .strip(let character, let start, let stop): strip(token, character, start, stop, next)
        case .metaspace(let mark, let dropsFirst):
            text = Self.replaced(token, mark, isFirst && dropsFirst ? [] : [0x20])
            next(text)
        case .wordPiece(let prefix, let cleansUp):
            if !isFirst { text = token.starts(with: prefix) ? Array(token.dropFirst(prefix.count)) : [0x20] + token }
            if cleansUp { text = CleanUp.wordPiece(text) }
            next(text)
        case .wordEnd(let suffix):
            // A space that ends the last token is never written.
            if let last {
                text = Self.replaced(last, suffix, [0x20])
                self.last = token
                next(text)
            } else {
                last = token
            }
        case .collapse(let padding, let delimiter, let cleansUp):
            if last == token { return }
            last = token
            text = Self.replaced(token, padding, [])
            if cleansUp { text = Self.replaced(CleanUp.wordPiece(text), delimiter, [0x20]) }
            if !text.isEmpty { next(text) }
        case .spaced:
            if !isFirst { text.insert(0x20, at: 0) }
            next(text)
        }
    }

    /// Passes on what was held back.
    mutating func finish(_ next: ([UInt8]) -> Void) {
        switch stage {
        case .byteLevel, .bytes:
            let text = valid([], isEnd: true)
            if !text.isEmpty { next(text) }
        case .byteFallback: flushFallback(next)
        case .replace(let key, let content):
            if !isJoined { return }
            let text = replaceJoined([], key, content, isEnd: true)
            if !text.isEmpty { next(text) }
        case .strip(let character, let start, let stop):
            if !isJoined || held.isEmpty { return }
            let text = Self.stripped(held, character, isFirst ? start : 0, stop)
            held = []
            next(text)
        case .wordEnd(let suffix):
            guard let last else { return }
            let text = Self.replaced(last, suffix, [])
            next(text)
        default: break
        }
    }

    /// Whether the beginning of a text isn't settled by its first part.
    private var holdsStart: Bool {
        switch stage {
        case .strip: isJoined
        case .firstMark: true
        default: false
        }
    }

    // MARK: Stages

    /// The bytes of a token in the byte alphabet; as it stands, if some character isn't in it.
    static func bytes(ofSpelled token: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(token.count)
        var isSpelled = true
        NormalizedText(bytes: token, origins: nil).forEachScalar { scalar, _ in
            let byte = scalar < ByteAlphabet.bytes.count ? ByteAlphabet.bytes[Int(scalar)] : -1
            if byte < 0 { isSpelled = false } else { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        }
        return isSpelled ? bytes : token
    }

    /// As much of the bytes so far as is final, as UTF-8.
    private mutating func valid(_ bytes: [UInt8], isEnd: Bool) -> [UInt8] {
        held.append(contentsOf: bytes)
        let final = isEnd ? held.count : held.count - UTF8Tail.incompleteLength(held)
        let text = Array(String(decoding: held[..<final], as: UTF8.self).utf8)
        held.removeFirst(final)
        return text
    }

    private mutating func takeFallback(_ token: [UInt8], _ next: ([UInt8]) -> Void) {
        if let byte = BytePiece.byte(token[...]) {
            held.append(byte)
            return
        }
        flushFallback(next)
        next(token)
    }

    private mutating func flushFallback(_ next: ([UInt8]) -> Void) {
        if held.isEmpty { return }
        var text = held
        if String(validating: held, as: UTF8.self) == nil {
            if case .byteFallback(needsWholeRuns: false) = stage {
                text = Self.repaired(held)
            } else {
                text = held.flatMap { _ in "\u{FFFD}".utf8 }
            }
        }
        held = []
        next(text)
    }

    /// Characters as they are, and U+FFFD for each byte that belongs to none.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let end = min(place + LenientUTF8.length(lead: bytes[place]), bytes.count)
            if String(validating: bytes[place..<end], as: UTF8.self) != nil {
                text.append(contentsOf: bytes[place..<end])
                place = end
            } else {
                text.append(contentsOf: "\u{FFFD}".utf8)
                place += 1
            }
        }
        return text
    }

    static func replaced(_ text: [UInt8], _ key: [UInt8], _ content: [UInt8]) -> [UInt8] {
        guard let first = ByteSearch.first(key, in: text, from: 0) else { return text }
        var output: [UInt8] = []
        var from = 0
        var found: Int? = first
        while let place = found {
            output.append(contentsOf: text[from..<place])
            output.append(contentsOf: content)
            from = place + key.count
            found = ByteSearch.first(key, in: text, from: from)
        }
        output.append(contentsOf: text[from...])
        return output
    }

    /// Replaces in a text that comes in parts: what may be the beginning of a key waits.
    private mutating func replaceJoined(
        _ part: [UInt8],
        _ key: [UInt8],
        _ content: [UInt8],
        isEnd: Bool,
    ) -> [UInt8] {
        held.append(contentsOf: part)
        var output: [UInt8] = []
        var from = 0
        while let place = ByteSearch.first(key, in: held, from: from) {
            output.append(contentsOf: held[from..<place])
            output.append(contentsOf: content)
            from = place + key.count
        }
        var end = held.count
        if !isEnd {
            let longest = min(key.count - 1, end - from)
            for length in stride(from: longest, to: 0, by: -1) where key.starts(with: held[(end - length)...]) {
                end -= length
                break
            }
        }
        output.append(contentsOf: held[from..<end])
        held.removeFirst(end)
        return output
    }

    private mutating func strip(
        _ token: [UInt8],
        _ character: [UInt8],
        _ start: Int,
        _ stop: Int,
        _ next: ([UInt8]) -> Void,
    ) {
        if !isJoined { return next(Self.stripped(token, character, start, stop)) }
        if stop == 0, !isFirst { return next(token) }
        // While it is nothing but this character, or may be at the end, it may be taken off.
        held.append(contentsOf: token)
        var lead = 0
        while lead < held.count, held[lead...].starts(with: character) { lead += character.count }
        if stop > 0 || (lead == held.count && lead < start * character.count + 1) { return }
        next(Self.stripped(held, character, start, 0))
        held = []
        isFirst = false
    }

    static func stripped(_ text: [UInt8], _ character: [UInt8], _ start: Int, _ stop: Int) -> [UInt8] {
        var text = text[...]
        var left = start
        while left > 0, text.starts(with: character) {
            text = text.dropFirst(character.count)
            left -= 1
        }
        left = stop
        while left > 0, text.suffix(character.count).elementsEqual(character) {
            text = text.dropLast(character.count)
            left -= 1
        }
        return Array(text)
    }
}
