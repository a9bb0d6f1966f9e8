internal import CPUKernels
internal import Glibc

/// Norms (root mean square) of all heads of a row together, where other ranks have some of them: the ranks add up their sums
/// of squares.
struct SharedHeadNorm {
    let shape: AttentionShape.SharedNorm
    let epsilon: Float
    let ranks: RankSum
    /// Sums of squares of rows' queries and keys, `[rows][2]`.
    let sums: UnsafeMutablePointer<Float>

    /// Notes the squares of a row's queries, or of its keys if these count.
    func note(_ numbers: UnsafePointer<Float>, _ count: Int, row: Int, areKeys: Bool) {
        var sum: Float = 0
        if !areKeys || shape.countsKeys {
            for index in 0..<count { sum += numbers[index] * numbers[index] }
        }
        sums[2 * row + (areKeys ? 1 : 0)] = sum
    }

    /// Adds up the sums of all ranks.
    func addUp(rows: Int) { ranks.add(sums, count: 2 * rows) }

    /// Norms a row's queries or keys, in place.
    func apply(_ numbers: UnsafeMutablePointer<Float>, _ norm: NormOperation, row: Int, areKeys: Bool) {
        let width = Float(areKeys ? shape.keyWidth : shape.queryWidth)
        let scale = 1 / sqrtf(sums[2 * row + (areKeys ? 1 : 0)] / width + epsilon)
        for index in 0..<Int(norm.width) { numbers[index] = numbers[index] * scale * norm.weight[index] }
    }
}
