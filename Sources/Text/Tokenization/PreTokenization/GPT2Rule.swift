/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
struct GPT2Rule: SplitRule {
    func matchEnd(in window: SplitWindow, at place: Int) -> Int {
        let contraction = Contraction.length(in: window, at: place, ignoringCase: false)
        if contraction > 0 { return place + contraction }
        let start = window.scalar(place) == 0x20 ? place + 1 : place
        let kind = window.kind(start)
        if start < window.to, !kind.contains(.whitespace) {
            let run = kind.intersection(.letterOrNumber)
            var end = start + 1
            if run.isEmpty {
                while end < window.to, window.kind(end).isDisjoint(with: [.letter, .number, .whitespace]) { end += 1 }
            } else {
                while window.kind(end).contains(run) { end += 1 }
            }
            return end
        }
        return window.whitespaceRun(place)
    }
}

/// English contractions: 's 't 're 've 'm 'll 'd.
enum Contraction {
    /// The length of the contraction at a place, 0 for none.
    ///
    /// Case is ASCII's only, as in llama.cpp, but for the long s where it is wanted.
    @inline(__always)
    static func length(
        in window: SplitWindow,
        at place: Int,
        ignoringCase: Bool,
        foldsLongS: Bool = false,
    ) -> Int {
        if window.scalar(place) != 0x27 { return 0 }
        let fold: UInt32 = ignoringCase ? 0x20 : 0
        func letter(_ place: Int) -> UInt32 {
            let scalar = window.scalar(place)
            if foldsLongS, scalar == 0x17F { return 0x73 }
            return (0x41...0x5A).contains(scalar) ? scalar | fold : scalar
        }
        switch (letter(place + 1), letter(place + 2)) {
        case (0x73, _), (0x74, _), (0x6D, _), (0x64, _): return 2
        case (0x72, 0x65), (0x76, 0x65), (0x6C, 0x6C): return 3
        default: return 0
        }
    }
}
