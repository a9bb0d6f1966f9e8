extension StringProtocol {
    /// What a message repeats of something that came with a request: 64 code points at most.
    public var excerpt: String { excerpt(64) }

    /// The text, or its beginning and an ellipsis when it is longer than a limit in code points.
    ///
    /// Not in characters, because a single one can be of any length.
    func excerpt(_ limit: Int) -> String {
        let head = unicodeScalars.prefix(limit)
        return head.endIndex == unicodeScalars.endIndex ? String(self) : String(String.UnicodeScalarView(head)) + "..."
    }
}
