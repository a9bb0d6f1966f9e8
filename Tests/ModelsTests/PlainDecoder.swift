import Checkpoints
import Foundation
import Models
import Tensors

/// A decoder as the papers say it: one sequence, no cache, no quantized activations, numbers in double precision but for
/// the matrix products, which are of single-precision matrices.
struct PlainDecoder {
    /// Radians per token of each pair of dimensions, and what cosines and sines are multiplied with.
    typealias Rotation = (frequencies: [Double], magnitude: Double)

    let tensors: any NamedTensors
    let shape: DecoderShape
    /// One per rotary embedding of the shape.
    let rotations: [Rotation]
    private let pool: ThreadPool

    init(_ tensors: any NamedTensors, shape: DecoderShape, rotations: [Rotation]) throws {
        self.tensors = tensors
        self.shape = shape
        self.rotations = rotations
        pool = try ThreadPool(threadCount: 1)
    }

    /// Logits after each token, `[token][vocabulary]`.
    func logits(_ tokens: [Int32]) throws -> [[Double]] {
        let embedding = try tensors.rows("token_embd.weight")
        var residual = tokens.map { embedding[Int($0)].map { Double($0) * Double(shape.embeddingScale) } }
        if shape.positionCount > 0 {
            let positions = try tensors.rows("position_embd.weight")
            for index in residual.indices {
                residual[index] = zip(residual[index], positions[index]).map { $0 + Double($1) }
            }
        }
        if shape.tokenTypeCount > 0 {
            let first = try tensors.rows("token_types.weight")[0]
            residual = residual.map { zip($0, first).map { $0 + Double($1) } }
        }
        if shape.hasEmbeddingNorm { residual = try norm("token_embd_norm", residual) }
        for (index, layer) in shape.layers.enumerated() {
            try run(layer, "blk.\(index).", &residual)
        }
        let unembed = tensors.contains("output.weight") ? "output" : "token_embd"
        let normed = try norm("output_norm", residual)
        return try linear(unembed, normed).map { row in
            row.map { logit in
                let scaled = logit * Double(shape.logitScale)
                let cap = Double(shape.logitSoftcap)
                return cap > 0 ? cap * tanh(scaled / cap) : scaled
            }
        }
    }

    private func run(_ layer: LayerShape, _ prefix: String, _ residual: inout [[Double]]) throws {
        let input = layer.hasNormsBefore ? try norm(prefix + "attn_norm", residual) : residual
        var attended = try linear(prefix + "attn_output", attend(layer.attention, prefix, input))
        let names = layer.normNamesBehind
        if layer.norms == .behind || layer.norms == .around { attended = try norm(prefix + names.attention, attended) }
        let before = residual
        add(attended, scale: layer.residualScale, to: &residual)
        if layer.norms == .after { residual = try norm(prefix + names.attention, residual) }
        var second = layer.residual == .parallel ? before : residual
        if layer.hasNormsBefore { second = try norm(prefix + (layer.sharesNorm ? "attn_norm" : "ffn_norm"), second) }
        var output = try feedForward(layer.feedForward, prefix, second)
        if layer.norms == .behind || layer.norms == .around { output = try norm(prefix + names.feedForward, output) }
        add(output, scale: layer.residualScale, to: &residual)
        if layer.norms == .after { residual = try norm(prefix + names.feedForward, residual) }
    }

    private func feedForward(_ part: FeedForwardShape, _ prefix: String, _ rows: [[Double]]) throws -> [[Double]] {
        if let experts = part.experts { return try mixture(experts, prefix, rows) }
        let ups = try linear(prefix + "ffn_up", rows)
        let function = { (x: Double) in Self.activate(part.activation, x) }
        guard case .gated = part else {
            return try linear(prefix + "ffn_down", ups.map { $0.map(function) })
        }
        let gates = try linear(prefix + "ffn_gate", rows)
        return try linear(prefix + "ffn_down", zip(gates, ups).map { zip($0, $1).map { function($0) * $1 } })
    }

    static func activate(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .silu: x / (1 + exp(-x))
        case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case .geluTanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .relu: max(0, x)
        case .reluSquared: x > 0 ? x * x : 0
        }
    }

    private func attend(_ attention: AttentionShape, _ prefix: String, _ rows: [[Double]]) throws -> [[Double]] {
        if let latent = attention.latent { return try attend(latent, attention, prefix, rows) }
        let width = attention.headDimension
        let queries = try heads("attn_q", linear(prefix + "attn_q", rows), prefix, attention)
        let keys = try heads("attn_k", linear(prefix + "attn_k", rows), prefix, attention)
        let values = limit(try linear(prefix + "attn_v", rows), attention)
        let sinks = attention.hasSinks ? try tensors.rows(prefix + "attn_sinks.weight")[0] : []
        return queries.indices.map { position in
            let oldest = attention.window > 0 ? max(0, position - attention.window + 1) : 0
            return (0..<attention.headCount).flatMap { head in
                let query = queries[position][head * width..<(head + 1) * width]
                let start = head / attention.groupSize * width
                let weights = (oldest...position).map { other in
                    let product = zip(query, keys[other][start..<start + width]).reduce(0) { $0 + $1.0 * $1.1 }
                    let (score, cap) = (product * Double(attention.scale), Double(attention.softcap))
                    return exp(cap > 0 ? cap * tanh(score / cap) : score)
                }
                let total = weights.reduce(0, +) + (attention.hasSinks ? exp(Double(sinks[head])) : 0)
                return (start..<start + width).map { dimension in
                    zip(oldest...position, weights).reduce(0) { $0 + values[$1.0][dimension] * $1.1 } / total
                }
            }
        }
    }

    private func limit(_ rows: [[Double]], _ attention: AttentionShape) -> [[Double]] {
        let most = attention.clamp > 0 ? Double(attention.clamp) : .infinity
        return rows.map { $0.map { max(-most, min(most, $0)) } }
    }

    /// Norms, limits and rotates queries or keys.
    private func heads(
        _ name: String,
        _ rows: [[Double]],
        _ prefix: String,
        _ attention: AttentionShape,
    ) throws -> [[Double]] {
        let width = attention.headDimension
        var normed = rows
        if attention.headNorms == .allHeads {
            normed = try norm(prefix + name + "_norm", rows)
        } else if attention.headNorms != .none {
            let weights = try tensors.rows(prefix + name + "_norm.weight")
            normed = rows.map { row in
                (0..<row.count / width).flatMap { head in
                    let own = weights[attention.headNorms == .eachHead ? head : 0]
                    return norm(Array(row[head * width..<(head + 1) * width]), own, nil)
                }
            }
        }
        normed = limit(normed, attention)
        guard let rotary = attention.rotary else { return normed }
        return normed.enumerated().map { position, row in
            (0..<row.count / width).flatMap { head in
                rotate(Array(row[head * width..<(head + 1) * width]), rotations[rotary], position: position)
            }
        }
    }

    /// Rotates the first dimensions of a head.
    func rotate(_ head: [Double], _ rotation: Rotation, position: Int) -> [Double] {
        var rotated = head
        let half = shape.rotaryDimension / 2
        for pair in 0..<half {
            let angle = Double(position) * rotation.frequencies[pair]
            let (cosine, sine) = (cos(angle) * rotation.magnitude, sin(angle) * rotation.magnitude)
            let (a, b) = shape.rotaryLayout == .pairs ? (2 * pair, 2 * pair + 1) : (pair, pair + half)
            rotated[a] = head[a] * cosine - head[b] * sine
            rotated[b] = head[b] * cosine + head[a] * sine
        }
        return rotated
    }

    func norm(_ name: String, _ rows: [[Double]]) throws -> [[Double]] {
        let weight = try tensors.rows(name + ".weight")[0]
        let bias = tensors.contains(name + ".bias") ? try tensors.rows(name + ".bias")[0] : nil
        return rows.map { norm($0, weight, bias) }
    }

    private func norm(_ row: [Double], _ weight: [Float], _ bias: [Float]?) -> [Double] {
        let mean = shape.norm == .layer ? row.reduce(0, +) / Double(row.count) : 0
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        let scale = 1 / (variance + Double(shape.normEpsilon)).squareRoot()
        return row.indices.map { (row[$0] - mean) * scale * Double(weight[$0]) + Double(bias?[$0] ?? 0) }
    }

    private func add(_ rows: [[Double]], scale: Float, to residual: inout [[Double]]) {
        for (index, row) in rows.enumerated() {
            residual[index] = zip(residual[index], row).map { $0 + $1 * Double(scale) }
        }
    }

    /// The products of rows with a named matrix, and its bias.
    func linear(_ name: String, _ rows: [[Double]]) throws -> [[Double]] {
        let products = try times(tensors.rows(name + ".weight"), rows)
        guard tensors.contains(name + ".bias") else { return products }
        let bias = try tensors.rows(name + ".bias")[0]
        return products.map { zip($0, bias).map { $0 + Double($1) } }
    }

    /// The products of rows with a matrix.
    func times(_ weights: [[Float]], _ rows: [[Double]]) throws -> [[Double]] {
        let matrix = try PackedMatrix(packing: Self.stored(weights), pool: pool)
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

    private static func stored(_ rows: [[Float]]) throws -> StoredMatrix {
        let bytes = rows.flatMap { $0 }.withUnsafeBytes { Array($0) }
        let memory = try AlignedMemory(byteCount: bytes.count)
        memory.bytes.copyBytes(from: bytes)
        return try StoredMatrix(
            dataType: .f32,
            rows: rows.count,
            columns: rows[0].count,
            bytes: UnsafeRawBufferPointer(rebasing: memory.bytes[..<bytes.count]),
            owner: memory
        )
    }
}
