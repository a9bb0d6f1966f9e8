import Checkpoints
import Foundation
import Models

extension PlainDecoder {
    /// The mixture's output for each row, expert by expert.
    func mixture(_ experts: ExpertShape, _ prefix: String, _ rows: [[Double]]) throws -> [[Double]] {
        let logits = try linear(prefix + "ffn_gate_inp", rows)
        let bias = experts.hasSelectionBias ? try tensors.rows(prefix + "exp_probs_b.bias")[0].map(Double.init) : nil
        let shared = try shared(experts, prefix, rows)
        return try rows.indices.map { index in
            var output = shared[index]
            for (expert, weight) in Self.choose(experts, logits[index], bias) {
                let own = try self.expert(expert, experts, prefix, rows[index])
                output = zip(output, own).map { $0 + weight * $1 }
            }
            return output
        }
    }

    /// The chosen experts of a token and their weights.
    static func choose(_ experts: ExpertShape, _ logits: [Double], _ bias: [Double]?) -> [(Int, Double)] {
        let exponentials = logits.map { exp($0 - (logits.max() ?? 0)) }
        let scores =
            switch experts.gating {
            case .softmax: exponentials.map { $0 / exponentials.reduce(0, +) }
            case .sigmoid: logits.map { 1 / (1 + exp(-$0)) }
            case .softmaxOfChosen: logits
            }
        let compared = zip(scores, bias ?? scores.map { _ in 0 }).map(+)
        let size = experts.count / experts.groupCount
        let groups = (0..<experts.groupCount).map { group in
            let own = compared[group * size..<(group + 1) * size].sorted(by: >)
            return experts.gating == .sigmoid ? own.prefix(2).reduce(0, +) : own[0]
        }
        let used = groups.indices.sorted { groups[$0] > groups[$1] }.prefix(experts.groupsUsed)
        let chosen = scores.indices.filter { used.contains($0 / size) }.sorted { compared[$0] > compared[$1] }
            .prefix(experts.perToken)
        var weights = chosen.map { scores[$0] }
        if experts.gating == .softmaxOfChosen {
            let powers = weights.map { exp($0 - (weights.max() ?? 0)) }
            weights = powers.map { $0 / powers.reduce(0, +) }
        } else if experts.normalizesWeights {
            weights = weights.map { $0 / weights.reduce(0, +) }
        }
        return zip(chosen, weights).map { ($0, $1 * Double(experts.weightScale)) }
    }

    private func expert(_ index: Int, _ experts: ExpertShape, _ prefix: String, _ row: [Double]) throws -> [Double] {
        func product(_ name: String, _ height: Int, _ row: [Double]) throws -> [Double] {
            let own = try tensors.rows(prefix + name + ".weight")[index * height..<(index + 1) * height]
            let products = try times(Array(own), [row])[0]
            guard tensors.contains(prefix + name + ".bias") else { return products }
            return zip(products, try tensors.rows(prefix + name + ".bias")[index]).map { $0 + Double($1) }
        }
        let gates = try product("ffn_gate_exps", experts.width, row)
        let ups = try product("ffn_up_exps", experts.width, row)
        let limit = Double(experts.gateLimit)
        let inner = zip(gates, ups).map { gate, up in
            guard limit > 0 else { return Self.activate(experts.activation, gate) * up }
            let (gate, up) = (min(limit, gate), max(-limit, min(limit, up)))
            return gate / (1 + exp(-1.702 * gate)) * (up + 1)
        }
        return try product("ffn_down_exps", shape.hiddenSize, inner)
    }

    private func shared(_ experts: ExpertShape, _ prefix: String, _ rows: [[Double]]) throws -> [[Double]] {
        guard experts.sharedWidth > 0 else { return rows.map { $0.map { _ in 0 } } }
        let gates = try linear(prefix + "ffn_gate_shexp", rows)
        let ups = try linear(prefix + "ffn_up_shexp", rows)
        let inner = zip(gates, ups).map { zip($0, $1).map { Self.activate(experts.activation, $0) * $1 } }
        let output = try linear(prefix + "ffn_down_shexp", inner)
        guard tensors.contains(prefix + "ffn_gate_inp_shexp.weight") else { return output }
        let logits = try times(tensors.rows(prefix + "ffn_gate_inp_shexp.weight"), rows)
        return zip(output, logits).map { row, logit in row.map { $0 / (1 + exp(-logit[0])) } }
    }
}
