/// DeepSeek-V3's last expression, for what is neither digits nor CJK:
/// ``[!-/:-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+``.
struct DeepSeekRule: SplitRule {
    func matchEnd(in window: SplitWindow, at place: Int) -> Int {
        let scalar = window.scalar(place)
        let kind = window.kind(place)
        if scalar < 0x80, !kind.isDisjoint(with: [.punctuation, .symbol]) {
            var end = place + 1
            while Self.isASCIILetter(window.scalar(end)) { end += 1 }
            if end > place + 1 { return end }
        }
        let word: CharacterClass = [.letter, .mark]
        let canLead = kind.isDisjoint(with: [.letter, .punctuation, .symbol]) && !window.isNewline(place)
        let start = canLead && !window.kind(place + 1).isDisjoint(with: word) ? place + 1 : place
        var end = start
        while !window.kind(end).isDisjoint(with: word) { end += 1 }
        if end > start { return end }
        let sign = scalar == 0x20 ? place + 1 : place
        end = sign
        while !window.kind(end).isDisjoint(with: [.punctuation, .symbol]) { end += 1 }
        if end > sign {
            while window.isNewline(end) { end += 1 }
            return end
        }
        let lines = window.throughNewlines(place)
        return lines > place ? lines : window.whitespaceRun(place)
    }

    private static func isASCIILetter(_ scalar: UInt32) -> Bool {
        (0x41...0x5A).contains(scalar) || (0x61...0x7A).contains(scalar)
    }
}
