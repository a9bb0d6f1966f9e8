/// Prompts of random token ids: the same on every run, different from each other, so nothing is shared or cached.
package struct Workload: Sendable {
    private let inputLength: Int
    private let vocabularySize: Int
    private let seed: UInt64

    /// Prompts of `inputLength` ids below `vocabularySize`; other seeds give other prompts.
    package init(inputLength: Int, vocabularySize: Int, seed: UInt64 = 0) {
        self.inputLength = inputLength
        self.vocabularySize = vocabularySize
        self.seed = seed
    }

    /// The prompt of request number `index`.
    package func prompt(_ index: Int) -> [Int32] {
        var seeds = SeededGenerator(seed: seed)
        var generator = SeededGenerator(
            seed: seeds.next() &+ UInt64(truncatingIfNeeded: index) &* 0xD6E8_FEB8_6659_FD93
        )
        return (0..<inputLength).map { _ in Int32.random(in: 0..<Int32(vocabularySize), using: &generator) }
    }
}
