import Foundation
import Models
import Tensors

/// Tensors in single precision by name.
protocol NamedTensors {
    func rows(_ name: String) throws -> [[Float]]
    func contains(_ name: String) -> Bool
}

/// A small model of any shape with random weights in single precision, written to a GGUF file.
///
/// The file calls itself a Llama, which says nothing but where the layers begin: the shape is given to the loader.
struct ShapedModel: NamedTensors {
    let shape: DecoderShape
    /// Whether matrices are written in 8 bits.
    var isQuantized = false
    private var tensors: [(name: String, rows: Int, columns: Int, numbers: [Float])] = []
    private var random: SplitMix

    /// Random weights; `biases` names the matrices and norms that have one.
    init(_ shape: DecoderShape, biases: Set<String> = [], seed: UInt64 = 1) {
        self.shape = shape
        random = SplitMix(state: seed)
        let hidden = shape.hiddenSize
        add("token_embd", shape.vocabularySize, hidden, size: 1, biases)
        if shape.positionCount > 0 { add("position_embd", shape.positionCount, hidden, size: 0.5, biases) }
        if shape.tokenTypeCount > 0 { add("token_types", shape.tokenTypeCount, hidden, size: 0.5, biases) }
        if shape.hasEmbeddingNorm { addNorm("token_embd_norm", hidden, biases) }
        if shape.isCausal {
            addNorm("output_norm", hidden, biases)
            add("output", shape.vocabularySize, hidden, size: 0.2, biases)
        }
        for (index, layer) in shape.layers.enumerated() {
            addAttention("blk.\(index).", layer.attention, biases)
            addFeedForward("blk.\(index).", layer.feedForward, biases)
            for (name, isThere) in [
                ("attn_norm", layer.hasNormsBefore), ("ffn_norm", layer.hasNormsBefore && !layer.sharesNorm),
                (layer.normNamesBehind.attention, layer.hasNormsBehind),
                (layer.normNamesBehind.feedForward, layer.hasNormsBehind),
            ] where isThere {
                addNorm("blk.\(index).\(name)", hidden, biases)
            }
        }
    }

    func contains(_ name: String) -> Bool { tensors.contains { $0.name == name } }

    func rows(_ name: String) throws -> [[Float]] {
        guard let tensor = tensors.first(where: { $0.name == name }) else { throw CocoaError(.fileNoSuchFile) }
        return (0..<tensor.rows).map { row in
            Array(tensor.numbers[row * tensor.columns..<(row + 1) * tensor.columns])
        }
    }

    private mutating func addAttention(_ prefix: String, _ attention: AttentionShape, _ biases: Set<String>) {
        let hidden = shape.hiddenSize
        if let latent = attention.latent { return addLatent(prefix, latent, heads: attention.headCount) }
        add(prefix + "attn_q", attention.queryWidth, hidden, size: 0.3, biases)
        add(prefix + "attn_k", attention.kvWidth, hidden, size: 0.3, biases)
        add(prefix + "attn_v", attention.kvWidth, hidden, size: 0.3, biases)
        add(prefix + "attn_output", hidden, attention.queryWidth, size: 0.3, biases)
        if attention.hasSinks { add(prefix + "attn_sinks", 1, attention.headCount, size: 2, biases) }
        for (name, heads) in [("attn_q_norm", attention.headCount), ("attn_k_norm", attention.kvHeadCount)] {
            switch attention.headNorms {
            case .none: break
            case .perHead: addNorm(prefix + name, attention.headDimension, biases)
            case .eachHead: add(prefix + name, heads, attention.headDimension, size: 1, biases)
            case .allHeads: addNorm(prefix + name, heads * attention.headDimension, biases)
            }
        }
    }

    private mutating func addLatent(_ prefix: String, _ latent: LatentShape, heads: Int) {
        let hidden = shape.hiddenSize
        if latent.queryRank > 0 {
            add(prefix + "attn_q_a", latent.queryRank, hidden, size: 0.3, [])
            addNorm(prefix + "attn_q_a_norm", latent.queryRank, [])
            add(prefix + "attn_q_b", heads * latent.queryWidth, latent.queryRank, size: 0.3, [])
        } else {
            add(prefix + "attn_q", heads * latent.queryWidth, hidden, size: 0.3, [])
        }
        add(prefix + "attn_kv_a_mqa", latent.cachedWidth, hidden, size: 0.3, [])
        addNorm(prefix + "attn_kv_a_norm", latent.rank, [])
        add(prefix + "attn_k_b", heads * latent.rank, latent.plainWidth, size: 0.3, [])
        add(prefix + "attn_v_b", heads * latent.valueWidth, latent.rank, size: 0.3, [])
        add(prefix + "attn_output", hidden, heads * latent.valueWidth, size: 0.3, [])
    }

    private mutating func addFeedForward(_ prefix: String, _ part: FeedForwardShape, _ biases: Set<String>) {
        let hidden = shape.hiddenSize
        switch part {
        case .gated(let width, _):
            add(prefix + "ffn_gate", width, hidden, size: 0.3, biases)
            add(prefix + "ffn_up", width, hidden, size: 0.3, biases)
            add(prefix + "ffn_down", hidden, width, size: 0.3, biases)
        case .plain(let width, _):
            add(prefix + "ffn_up", width, hidden, size: 0.3, biases)
            add(prefix + "ffn_down", hidden, width, size: 0.3, biases)
        case .experts(let experts):
            addExperts(prefix, experts, biases)
        }
    }

    private mutating func addExperts(_ prefix: String, _ experts: ExpertShape, _ biases: Set<String>) {
        let (count, hidden, width) = (experts.count, shape.hiddenSize, experts.width)
        add(prefix + "ffn_gate_inp", count, hidden, size: 0.3, biases)
        if experts.hasSelectionBias {
            tensors.append((prefix + "exp_probs_b.bias", 1, count, (0..<count).map { _ in random.unit() / 2 }))
        }
        for (name, rows, columns) in [
            ("ffn_gate_exps", width, hidden), ("ffn_up_exps", width, hidden), ("ffn_down_exps", hidden, width),
        ] {
            add(prefix + name, count * rows, columns, size: 0.3, [])
            guard biases.contains(name) else { continue }
            add(prefix + name, count, rows, size: 1, [], ending: ".bias")
        }
        guard experts.sharedWidth > 0 else { return }
        add(prefix + "ffn_gate_shexp", experts.sharedWidth, hidden, size: 0.3, biases)
        add(prefix + "ffn_up_shexp", experts.sharedWidth, hidden, size: 0.3, biases)
        add(prefix + "ffn_down_shexp", hidden, experts.sharedWidth, size: 0.3, biases)
        if biases.contains("shared gate") { add(prefix + "ffn_gate_inp_shexp", 1, hidden, size: 0.3, []) }
    }

    /// Adds `NAME.weight`, and `NAME.bias` where the last part of the name says so.
    private mutating func add(
        _ name: String,
        _ rows: Int,
        _ columns: Int,
        size: Float,
        _ biases: Set<String>,
        ending: String = ".weight",
    ) {
        let numbers = (0..<rows * columns).map { _ in (random.unit() * 2 - 1) * size }
        tensors.append((name + ending, rows, columns, numbers))
        guard let last = name.split(separator: ".").last, biases.contains(String(last)) else { return }
        tensors.append((name + ".bias", 1, rows, (0..<rows).map { _ in random.unit() * 2 - 1 }))
    }

    private mutating func addNorm(_ name: String, _ count: Int, _ biases: Set<String>) {
        tensors.append((name + ".weight", 1, count, (0..<count).map { _ in 0.5 + random.unit() }))
        guard let last = name.split(separator: ".").last, biases.contains(String(last)) else { return }
        tensors.append((name + ".bias", 1, count, (0..<count).map { _ in random.unit() * 2 - 1 }))
    }

    /// Numbers as Q8_0 has them: for each 32, a scale in half precision and integers.
    private static func eightBits(_ numbers: [Float]) -> [UInt8] {
        stride(from: 0, to: numbers.count, by: 32).flatMap { start in
            let block = numbers[start..<start + 32]
            let scale = Float16((block.map(abs).max() ?? 0) / 127)
            let integers = block.map { Int8(max(-127, min(127, ($0 / max(1e-6, Float(scale))).rounded()))) }
            return withUnsafeBytes(of: scale.bitPattern) { Array($0) } + integers.map { UInt8(bitPattern: $0) }
        }
    }

    /// How many matrices a tensor holds, where it holds several.
    private func matrixCount(of tensor: String) -> Int? {
        let parts = tensor.split(separator: ".")
        guard parts.count == 4, let layer = Int(parts[1]), parts[3] == "weight" else { return nil }
        if parts[2].hasSuffix("_exps") { return shape.layers[layer].feedForward.experts?.count }
        return ["attn_k_b", "attn_v_b"].contains(parts[2]) ? shape.layers[layer].attention.headCount : nil
    }

    /// Writes a GGUF file and returns its path.
    func write(to folder: URL) throws -> String {
        let fields: [(String, GGUFField)] = [
            ("general.architecture", .text("llama")), ("llama.context_length", .number(shape.contextLength)),
            ("llama.embedding_length", .number(shape.hiddenSize)), ("llama.block_count", .number(shape.layers.count)),
            ("llama.feed_forward_length", .number(64)), ("llama.attention.head_count", .number(4)),
            ("llama.attention.layer_norm_rms_epsilon", .real(1e-5)),
            ("llama.vocab_size", .number(shape.vocabularySize)),
        ]
        let file = MadeFile(
            fields: fields,
            tensors: tensors.map { tensor in
                var shape = tensor.rows == 1 ? [tensor.columns] : [tensor.rows, tensor.columns]
                if let count = matrixCount(of: tensor.name) { shape = [count, tensor.rows / count, tensor.columns] }
                if isQuantized && tensor.rows > 1 && tensor.columns % 32 == 0 && !tensor.name.contains("norm") {
                    return .init(name: tensor.name, shape: shape, type: .q8_0, bytes: Self.eightBits(tensor.numbers))
                }
                let bytes = tensor.numbers.withUnsafeBytes { Array($0) }
                return .init(name: tensor.name, shape: shape, type: .f32, bytes: bytes)
            }
        )
        return try file.write(to: folder)
    }
}
