/// How many tokens an answer without a limit will probably have: as many as nine of ten of the latest had at most.
///
/// It decides how much of the KV cache such a request reserves when it is admitted, never what it gets.
package struct OutputLengthEstimate: Sendable {
    /// How many answers are remembered.
    package static let window = 64
    /// How many must have ended before they count.
    package static let fewest = 8
    /// What is assumed before that.
    package static let initial = 512

    /// The expected length, in tokens.
    package private(set) var tokens = OutputLengthEstimate.initial
    private var lengths: [Int] = []
    private var next = 0

    /// An estimate that knows nothing yet.
    package init() {}

    /// Takes in the length of an answer that ended.
    package mutating func record(_ length: Int) {
        if lengths.count < Self.window { lengths.append(length) } else { lengths[next] = length }
        next = (next + 1) % Self.window
        guard lengths.count >= Self.fewest else { return }
        tokens = max(1, lengths.sorted()[lengths.count * 9 / 10])
    }

    /// How long an answer is expected to get that has `length` tokens so far: once longer than expected, a quarter more.
    package func expectedLength(at length: Int) -> Int { max(tokens, length + length / 4 + 1) }
}
