import Foundation
import Tensors

/// A Llama decoder as its paper says it: one sequence, no cache, no quantized activations, numbers in double precision but
/// for the matrix products, which are of single-precision matrices.
struct PlainDecoder {
    let made: MadeModel
    /// Radians per token of each pair of dimensions, and what queries and keys are multiplied with.
    let rotation: (frequencies: [Double], magnitude: Double)
    private let pool: ThreadPool

    init(_ made: MadeModel, rotation: (frequencies: [Double], magnitude: Double)) throws {
        self.made = made
        self.rotation = rotation
        pool = try ThreadPool(threadCount: 1)
    }

    /// Logits after each token, `[token][vocabulary]`.
    func logits(_ tokens: [Int32]) throws -> [[Double]] {
        let embedding = try made.rows("token_embd.weight")
        var stream = tokens.map { embedding[Int($0)].map(Double.init) }
        for layer in 0..<MadeModel.layers {
            let name = { (part: String) in "blk.\(layer).\(part).weight" }
            let normed = try stream.map { norm($0, try made.rows(name("attn_norm"))[0]) }
            let queries = try times(name("attn_q"), normed)
            let keys = try times(name("attn_k"), normed)
            let values = try times(name("attn_v"), normed)
            try add(times(name("attn_output"), attend(queries, keys, values)), to: &stream)
            let second = try stream.map { norm($0, try made.rows(name("ffn_norm"))[0]) }
            let gates = try times(name("ffn_gate"), second)
            let ups = try times(name("ffn_up"), second)
            let inner = zip(gates, ups).map { zip($0, $1).map { $0 / (1 + exp(-$0)) * $1 } }
            try add(times(name("ffn_down"), inner), to: &stream)
        }
        let last = try made.rows("output_norm.weight")[0]
        return try times("token_embd.weight", stream.map { norm($0, last) })
    }

    private func attend(_ queries: [[Double]], _ keys: [[Double]], _ values: [[Double]]) -> [[Double]] {
        let width = MadeModel.headWidth
        let rotatedKeys = keys.enumerated().map { rotate($1, position: $0) }
        return queries.enumerated().map { position, query in
            let query = rotate(query, position: position)
            return (0..<MadeModel.heads).flatMap { head in
                let own = query[head * width..<(head + 1) * width]
                let start = head / (MadeModel.heads / MadeModel.kvHeads) * width
                let scores = (0...position).map { other in
                    zip(own, rotatedKeys[other][start..<start + width]).reduce(0) { $0 + $1.0 * $1.1 }
                        / Double(width).squareRoot()
                }
                let greatest = scores.max() ?? 0
                let weights = scores.map { exp($0 - greatest) }
                let total = weights.reduce(0, +)
                return (start..<start + width).map { dimension in
                    zip(weights, values).reduce(0) { $0 + $1.0 * $1.1[dimension] } / total
                }
            }
        }
    }

    /// Rotates neighbouring dimensions of every head.
    private func rotate(_ row: [Double], position: Int) -> [Double] {
        var rotated = row
        for start in stride(from: 0, to: row.count, by: 2) {
            let angle = Double(position) * rotation.frequencies[start % MadeModel.headWidth / 2]
            let (cosine, sine) = (cos(angle) * rotation.magnitude, sin(angle) * rotation.magnitude)
            rotated[start] = row[start] * cosine - row[start + 1] * sine
            rotated[start + 1] = row[start + 1] * cosine + row[start] * sine
        }
        return rotated
    }

    private func norm(_ row: [Double], _ weight: [Float]) -> [Double] {
        let scale = 1 / (row.reduce(0) { $0 + $1 * $1 } / Double(row.count) + MadeModel.epsilon).squareRoot()
        return zip(row, weight).map { $0 * scale * Double($1) }
    }

    private func add(_ rows: [[Double]], to stream: inout [[Double]]) {
        for (index, row) in rows.enumerated() { stream[index] = zip(stream[index], row).map(+) }
    }

    private func times(_ name: String, _ rows: [[Double]]) throws -> [[Double]] {
        let matrix = try PackedMatrix(packing: made.expanded(name), pool: pool)
        let x = rows.flatMap { $0.map(Float.init) }
        var y = [Float](repeating: 0, count: rows.count * matrix.rows)
        let unused = try ActivationBuffer(rows: rows.count, columns: matrix.columns)
        y.withUnsafeMutableBufferPointer { y in
            guard let output = y.baseAddress else { return }
            pool.run { worker in
                multiply(
                    worker,
                    [MatrixProduct(matrix, into: output, stride: matrix.rows)],
                    activations: unused,
                    source: x,
                    sourceStride: matrix.columns,
                    rows: rows.count
                )
            }
        }
        return stride(from: 0, to: y.count, by: matrix.rows).map { y[$0..<$0 + matrix.rows].map(Double.init) }
    }
}
