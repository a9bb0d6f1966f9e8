/// How many tokens an answer without a limit will probably have: as many as nine of ten of the latest had at most.
///
/// It decides how much of the KV cache such a request reserves when it is admitted, never what it gets.
package struct OutputLengthEstimate: Sendable {
    /// How many answers are remembered.
    package static let window = 64
    /// What is assumed before anything is known.
    package static let initial = 512

    /// The expected length, in tokens.
    package private(set) var tokens = OutputLengthEstimate.initial
    private var lengths = [Int](repeating: OutputLengthEstimate.initial, count: OutputLengthEstimate.window)
    private var next = 0

    /// An estimate that knows nothing yet.
    package init() {}

    /// Takes in the length of an answer that ended.
    package mutating func record(_ length: Int) {
        lengths[next] = length
        next = (next + 1) % Self.window
        tokens = max(1, lengths.sorted()[Self.window * 9 / 10])
    }

    /// How long an answer is expected to get that has `length` tokens so far: once longer than expected, a quarter more.
    package func expectedLength(at length: Int) -> Int { max(tokens, length + length / 4 + 1) }
}
