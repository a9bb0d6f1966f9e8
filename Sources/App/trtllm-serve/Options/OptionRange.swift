/// What the whole numbers of flags and of the options file may be: far beyond any use, and small enough that no sum or
/// product of them overflows.
enum OptionRange {
    /// Ports of TCP.
    static let port = 1...65_535
    static let threads = 1...4096
    /// Parallel sizes and beam width, of which only 1 is built.
    static let parallelSize = 1...1 << 16
    /// Accepted without effect.
    static let unusedCount = 0...1 << 31
    /// Sequences, requests, connections, choices and other things that are counted.
    static let count = 1...1 << 20
    /// Tokens of an iteration, and of a sequence.
    static let tokens = 1...1 << 24
    static let tokensPerBlock = 32...1 << 16
    static let cacheTokens = 1...1 << 40
    /// Bytes of memory; 0 is no limit.
    static let cacheBytes = 0...1 << 50
    /// Bytes of requests and answers.
    static let bytes = 1...1 << 40
    /// Bytes of a request's short texts.
    static let textBytes = 1...1 << 30
    static let milliseconds = 1...3_600_000

    /// The range for the end of "must be".
    static func words(_ range: ClosedRange<Int>) -> String { "from \(range.lowerBound) to \(range.upperBound)" }
}
