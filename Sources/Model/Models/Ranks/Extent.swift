/// Some of a matrix's rows or columns, or of a vector's numbers.
struct Extent: Sendable, Hashable {
    /// How many there are in the checkpoint.
    let whole: Int
    /// Which of them are taken.
    let part: Range<Int>

    /// Some of `whole`.
    init(_ part: Range<Int>, of whole: Int) {
        self.whole = whole
        self.part = part
    }

    /// All of them.
    static func all(_ count: Int) -> Extent { Extent(0..<count, of: count) }

    /// How many are taken.
    var count: Int { part.count }
    /// Whether that is all of them.
    var isWhole: Bool { part == 0..<whole }

    /// Each of them as `size` that follow each other: heads as rows.
    func times(_ size: Int) -> Extent {
        Extent(part.times(size), of: whole * size)
    }
}

extension Range<Int> {
    /// Each of them as `size` that follow each other.
    func times(_ size: Int) -> Range<Int> { lowerBound * size..<upperBound * size }
}
