/// The family of cl100k (GPT-4), whose members differ in digits, marks, contractions and line ends:
/// `(?i:'s|...)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`.
struct WordRule: SplitRule {
    /// How many digits stay together at most.
    var digits: Int
    /// Whether contractions are pieces of their own.
    var contractions = true
    /// What words are made of.
    var word: CharacterClass = .letter
    /// Whether signs take the line ends after them; if not, they also stop at one.
    var signsTakeNewlines = true
    /// Whether the long s counts as one in contractions: so it does in Oniguruma, whose case is Unicode's.
    var foldsLongS = false
    /// Whether runs of white space are cut into powers of two (Jais 2).
    var cutsWhitespace = false

    func matchEnd(in window: SplitWindow, at place: Int) -> Int {
        let kind = window.kind(place)
        if contractions {
            let length = Contraction.length(in: window, at: place, ignoringCase: true, foldsLongS: foldsLongS)
            if length > 0 { return place + length }
        }
        let isWord = !kind.isDisjoint(with: word)
        if isWord || (!kind.contains(.number) && !window.isNewline(place)) {
            var end = place + 1
            while !window.kind(end).isDisjoint(with: word) { end += 1 }
            if isWord || end > place + 1 { return end }
        }
        if kind.contains(.number) {
            var end = place + 1
            while end - place < digits, window.kind(end).contains(.number) { end += 1 }
            return end
        }
        let signs = SignRun.end(in: window, at: place, word: word.union(.number), newlines: signsTakeNewlines)
        if signs > place { return signs }
        // A run that was cut here before has no line end ahead: looking through it again for each cut would be quadratic.
        if cutsWhitespace, place > window.from, window.isWhitespace(place - 1), !window.isNewline(place - 1) {
            return Self.cutWhitespace(window, place)
        }
        let lines = window.throughNewlines(place)
        if lines > place { return lines }
        return cutsWhitespace ? Self.cutWhitespace(window, place) : window.whitespaceRun(place)
    }

    /// `\s{512}(?!\S)|...|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}`.
    private static func cutWhitespace(_ window: SplitWindow, _ place: Int) -> Int {
        var available = 0
        while available <= 512, window.isWhitespace(place + available) { available += 1 }
        if available == 0 { return place }
        if place + available < window.to, !window.isWhitespace(place + available) { available -= 1 }
        for length in [512, 256, 128, 64, 32, 16, 8, 4] where length <= available { return place + length }
        return place + max(1, min(2, available))
    }
}

/// Runs of what is neither word nor white space: ` ?[^\s\p{L}\p{N}]+[\r\n]*`.
enum SignRun {
    /// The end of the run at a place, or the place itself; `slash` lets a run's tail hold slashes too.
    @inline(__always)
    static func end(
        in window: SplitWindow,
        at place: Int,
        word: CharacterClass,
        newlines: Bool,
        slash: Bool = false,
    ) -> Int {
        let start = window.scalar(place) == 0x20 ? place + 1 : place
        let others = word.union(.whitespace)
        var end = start
        while end < window.to, window.kind(end).isDisjoint(with: others) { end += 1 }
        if end == start { return place }
        if newlines {
            while window.isNewline(end) || (slash && window.scalar(end) == 0x2F) { end += 1 }
        }
        return end
    }
}
