/// Leaves the last turn of a rendered chat open, so that its message is continued.
enum OpenTurn {
    /// The chat up to the end of its last message, which is where its text stands last; without white space at the end that
    /// the template has taken away.
    ///
    /// - Throws: `.outOfRange` when the message has no text, or the template doesn't show it as it is.
    static func cut(_ rendered: String, behind message: String) throws(GenerationError) -> String {
        let (text, whole) = (Array(rendered.utf8), Array(message.utf8))
        let front = whole.drop(while: isSpace)
        let backwards = Array(front.reversed().drop(while: isSpace))
        guard !backwards.isEmpty else {
            let allowed = "left out where the last message has no text"
            throw .outOfRange(field: "continue_final_message", value: "true", allowed: allowed)
        }
        guard let end = lastEnd(of: backwards, in: text) else {
            let allowed = "left out with a template that doesn't show the last message as it is"
            throw .outOfRange(field: "continue_final_message", value: "true", allowed: allowed)
        }
        // White space behind it belongs to it where it was kept.
        let space = front.suffix(front.count - backwards.count)
        let isKept = text[end...].starts(with: space)
        return String(decoding: text[..<(isKept ? end + space.count : end)], as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Where a text, given backwards, ends for the last time in another; in time that grows with their lengths only (Knuth,
    /// Morris, Pratt).
    private static func lastEnd(of backwards: [UInt8], in text: [UInt8]) -> Int? {
        guard backwards.count <= text.count else { return nil }
        var fallbacks = [Int32](repeating: 0, count: backwards.count)
        var length = 0
        for place in backwards.indices.dropFirst() {
            while length > 0, backwards[place] != backwards[length] { length = Int(fallbacks[length - 1]) }
            if backwards[place] == backwards[length] { length += 1 }
            fallbacks[place] = Int32(clamping: length)
        }
        length = 0
        for place in text.indices.reversed() {
            while length > 0, text[place] != backwards[length] { length = Int(fallbacks[length - 1]) }
            if text[place] == backwards[length] { length += 1 }
            if length == backwards.count { return place + length }
        }
        return nil
    }
}
