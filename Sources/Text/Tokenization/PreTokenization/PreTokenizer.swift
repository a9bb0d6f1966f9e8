/// Cuts a text into the words within which byte-level BPE merges, by the steps that a name stands for.
package struct PreTokenizer: Sendable {
    var stages: [SplitStage]
    /// Whether a word that is a piece is taken whole, whatever its merges would give.
    var ignoresMerges = false
    /// Whether BOS is added when the file doesn't say.
    var addsBOS = false
    /// Whether pieces are plain UTF-8 with U+2581 for spaces, not the byte alphabet.
    var isPlainText = false
    /// Whether a run of line feeds that is a piece is taken whole (Gemma 4).
    var keepsLineFeeds = false

    /// The words of a text, as cleaned-up UTF-8.
    package func words(of text: [UInt8]) -> [[UInt8]] {
        let points = CodePoints(text)
        var poll = CancellationPoll { false }
        var from = 0
        return wordEnds(of: points, &poll).map { end in
            defer { from = end }
            return Array(points.bytes[Int(points.starts[from])..<Int(points.starts[end])])
        }
    }

    /// The ends of the words of a text, as code point indices in order; the last is the text's count.
    func wordEnds(of text: CodePoints, _ poll: inout CancellationPoll) -> [Int] {
        if text.count == 0 { return [] }
        var ends = [text.count]
        text.scalars.withUnsafeBufferPointer { scalars in
            text.classes.withUnsafeBufferPointer { classes in
                for stage in stages {
                    if poll.hasToStop(after: text.count) { return }
                    var next: [Int] = []
                    next.reserveCapacity(max(ends.count, text.count / 4))
                    var from = 0
                    for end in ends {
                        stage.split(SplitWindow(scalars, classes, from, end), into: &next)
                        from = end
                    }
                    ends = next
                }
            }
        }
        return ends
    }
}
