/// The family of o200k (GPT-4o, Tekken), whose words also end between a lower-case and an upper-case letter.
///
/// As in llama.cpp only ASCII letters have case; every other letter counts as both.
struct CasedWordRule: SplitRule {
    /// How many digits stay together at most.
    var digits: Int
    /// Whether a word takes a contraction that follows it.
    var contractions: Bool

    func matchEnd(in window: SplitWindow, at place: Int) -> Int {
        let kind = window.kind(place)
        if !kind.contains(.number), !window.isNewline(place) {
            let start = kind.contains(.letter) ? place : place + 1
            if let end = wordEnd(window, start) {
                return contractions ? end + Contraction.length(in: window, at: end, ignoringCase: true) : end
            }
        }
        if kind.contains(.number) {
            var end = place + 1
            while end - place < digits, window.kind(end).contains(.number) { end += 1 }
            return end
        }
        let signs = SignRun.end(in: window, at: place, word: .letterOrNumber, newlines: true, slash: true)
        if signs > place { return signs }
        let lines = window.throughNewlines(place)
        return lines > place ? lines : window.whitespaceRun(place)
    }

    /// `U*L+|U+L*`, with `U` any letter but a-z and `L` any letter but A-Z.
    private func wordEnd(_ window: SplitWindow, _ start: Int) -> Int? {
        var end = start
        /// Behind the last letter of the run that is both `U` and `L`.
        var lastCaseless = start
        while window.kind(end).contains(.letter), !(0x61...0x7A).contains(window.scalar(end)) {
            end += 1
            if !(0x41...0x5A).contains(window.scalar(end - 1)) { lastCaseless = end }
        }
        if !window.kind(end).contains(.letter) {
            // No a-z follows, so `L+` must be won back from `U*`: only a caseless letter can be given.
            if lastCaseless > start { return lastCaseless }
            return end > start ? end : nil
        }
        while window.kind(end).contains(.letter), !(0x41...0x5A).contains(window.scalar(end)) { end += 1 }
        return end
    }
}
