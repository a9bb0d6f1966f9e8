import Foundation
import Models

extension PlainDecoder {
    /// Latent attention as it is trained: every head's keys and values are made from the latent.
    func attend(
        _ latent: LatentShape,
        _ attention: AttentionShape,
        _ prefix: String,
        _ rows: [[Double]],
    ) throws -> [[Double]] {
        let queries =
            latent.queryRank > 0
            ? try linear(prefix + "attn_q_b", norm(prefix + "attn_q_a_norm", linear(prefix + "attn_q_a", rows)))
            : try linear(prefix + "attn_q", rows)
        let first = try linear(prefix + "attn_kv_a_mqa", rows)
        let latents = try norm(prefix + "attn_kv_a_norm", first.map { Array($0[..<latent.rank]) })
        let rotation = rotations[attention.rotary ?? 0]
        let rotated = first.enumerated().map { rotate(Array($1[latent.rank...]), rotation, position: $0) }
        let ups = try tensors.rows(prefix + "attn_k_b.weight")
        let outs = try tensors.rows(prefix + "attn_v_b.weight")
        return rows.indices.map { position in
            (0..<attention.headCount).flatMap { head in
                let query = Array(queries[position][head * latent.queryWidth..<(head + 1) * latent.queryWidth])
                let turned = rotate(Array(query[latent.plainWidth...]), rotation, position: position)
                let up = ups[head * latent.rank..<(head + 1) * latent.rank]
                let weights = (0...position).map { other in
                    let key = (0..<latent.plainWidth).map { dimension in
                        zip(up, latents[other]).reduce(0) { $0 + Double($1.0[dimension]) * $1.1 }
                    }
                    let plain = zip(query, key).reduce(0) { $0 + $1.0 * $1.1 }
                    let score = zip(turned, rotated[other]).reduce(plain) { $0 + $1.0 * $1.1 }
                    return exp(score * Double(attention.scale))
                }
                let total = weights.reduce(0, +)
                return outs[head * latent.valueWidth..<(head + 1) * latent.valueWidth].map { out in
                    zip(weights, latents).reduce(0) { sum, pair in
                        sum + pair.0 * zip(out, pair.1).reduce(0) { $0 + Double($1.0) * $1.1 }
                    } / total
                }
            }
        }
    }
}
