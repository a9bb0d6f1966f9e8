/// Sets of code points as the crates behind the `tokenizers` library have them, each of a Unicode version of its own.
enum LibrarySets {
    /// Marks, of Unicode 9.
    static let accents = CodePointMap(
        ExpressionSets.mark.intersection(CodePointRanges(eras: { $0 == .old || $0 == .ninth }))
            .subtracting(CodePointRanges(0x111C9)).union(CodePointRanges([0x1CF2..<0x1CF4]))
    )
    /// Marks that take no room, of Unicode 8.
    static let nonspacingMarks = CodePointMap(
        CodePointRanges(categories: { $0 == .nonspacingMark }).intersection(old)
            .subtracting(CodePointRanges([0x1885..<0x1887, 0xA9BD..<0xA9BE, 0x111C9..<0x111CA]))
            .union(CodePointRanges([0x1734..<0x1735, 0x1171E..<0x1171F]))
    )
    /// ASCII's signs, and punctuation of Unicode 8.
    static let punctuation = CodePointMap(
        ExpressionSets.punctuation.intersection(old)
            .union(CodePointRanges([0x21..<0x30, 0x3A..<0x41, 0x5B..<0x61, 0x7B..<0x7F]))
            .union(CodePointRanges([0x166D..<0x166E, 0x111C9..<0x111CA]))
    )
    /// What BERT's cleaning drops: NUL, U+FFFD and control characters of Unicode 8 but tabs and line ends.
    static let dropped = CodePointMap(
        CodePointRanges(categories: { $0 == .control || $0 == .format }).intersection(old)
            .union(CodePointRanges(categories: { $0 == .privateUse })).union(CodePointRanges(0xFFFD))
            .subtracting(CodePointRanges([0x09..<0x0B, 0x0D..<0x0E]))
    )
    /// Numbers, of Unicode 17.
    static let numbers = CodePointMap(
        ExpressionSets.number.union(CodePointRanges([0x11DE0..<0x11DEA, 0x16FF4..<0x16FF7]))
    )
    /// What BERT puts between spaces.
    static let ideographs = CodePointMap(
        CodePointRanges([
            0x3400..<0x4DC0, 0x4E00..<0xA000, 0xF900..<0xFB00, 0x2_0000..<0x2_A6E0, 0x2_A700..<0x2_B820,
            0x2_B920..<0x2_CEB0, 0x2_F800..<0x2_FA20,
        ])
    )
    static let word = CodePointMap(ExpressionSets.rustWord)

    private static let old = CodePointRanges(eras: { $0 == .old })
}
