/// Prompts of random token ids: the same on every run, different from each other, so nothing is shared or cached.
struct Workload {
    let inputLength: Int
    let vocabularySize: Int

    /// The prompt of request number `index`.
    func prompt(_ index: Int) -> [Int32] {
        var state = UInt64(bitPattern: Int64(index)) &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<inputLength).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int32(state % UInt64(vocabularySize))
        }
    }
}
