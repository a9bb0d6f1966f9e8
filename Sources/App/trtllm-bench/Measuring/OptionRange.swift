internal import ArgumentParser

/// What whole numbers of the command line may be: far beyond any use, and small enough that no sum or product of them
/// overflows.
enum OptionRange {
    static let count = 1...1 << 24
    /// Tokens of a prompt, of an answer, and of an iteration.
    static let tokens = 1...1 << 24
    static let concurrency = 1...65_536
    static let threads = 1...4096
    static let vocabularySize = 1...Int(Int32.max)
    /// Rows and columns of a matrix.
    static let dimension = 1...1 << 20

    /// Throws a usage error unless a value that was given is in its range.
    static func check(_ name: String, _ value: Int?, in range: ClosedRange<Int>) throws {
        guard let value, !range.contains(value) else { return }
        throw ValidationError("--\(name) is \(value), but must be from \(range.lowerBound) to \(range.upperBound)")
    }
}
