internal import ArgumentParser

/// What the whole numbers of flags and of the options file may be: far beyond any use, and small enough that no sum or
/// product of them overflows.
package enum OptionRange {
    /// Ports of TCP.
    package static let port = 1...65_535
    package static let threads = 1...4096
    /// Parallel sizes and beam width.
    package static let parallelSize = 1...1 << 16
    /// Accepted without effect.
    package static let unusedCount = 0...1 << 31
    /// Sequences, requests, connections, choices and other things that are counted.
    package static let count = 1...1 << 20
    /// Tokens of an iteration, and of a sequence.
    package static let tokens = 1...1 << 24
    package static let tokensPerBlock = 32...1 << 16
    package static let cacheTokens = 1...1 << 40
    /// Bytes of memory; 0 is no limit.
    package static let cacheBytes = 0...1 << 50
    /// Bytes of requests and answers.
    package static let bytes = 1...1 << 40
    /// Bytes of a request's short texts.
    package static let textBytes = 1...1 << 30
    package static let milliseconds = 1...3_600_000

    /// Throws a usage error unless a value that was given is in its range.
    package static func check(_ name: String, _ value: Int?, in range: ClosedRange<Int>) throws {
        guard let value, !range.contains(value) else { return }
        throw ValidationError("\(name) is \(value), but must be \(words(range))")
    }

    /// The range for the end of "must be".
    package static func words(_ range: ClosedRange<Int>) -> String { "from \(range.lowerBound) to \(range.upperBound)" }
}
