extension TensorTarget {
    /// Part of a fused tensor.
    init(_ name: String, rows: Selection, isTransposed: Bool = false) {
        self.init(name)
        selection = rows
        // What is a column in a file that has input features first becomes a row.
        axis = isTransposed ? .columns : .rows
        self.isTransposed = isTransposed
    }

    /// Queries, keys and values that lie one after the other.
    static func queryKeyValue(
        _ sizes: AttentionSizes,
        prefix: String,
        suffix: String,
        isTransposed: Bool = false,
    ) -> [TensorTarget] {
        let key = sizes.queryWidth
        let value = key + sizes.keyWidth
        let parts = [("attn_q", 0..<key), ("attn_k", key..<value), ("attn_v", value..<value + sizes.valueWidth)]
        return parts.map { name, rows in
            TensorTarget(prefix + name + suffix, rows: Selection(rows), isTransposed: isTransposed)
        }
    }

    /// Queries, keys and values that lie together for each key head.
    static func interleavedQueryKeyValue(_ sizes: AttentionSizes, prefix: String, suffix: String) -> [TensorTarget] {
        let (key, value) = (sizes.keyLength, sizes.valueLength)
        let queries = sizes.headCount / sizes.headCountKV * key
        let stride = queries + key + value
        func runs(_ start: Int, _ run: Int) -> Selection {
            Selection(start: start, run: run, stride: stride, count: sizes.headCountKV)
        }
        return [
            TensorTarget(prefix + "attn_q" + suffix, rows: runs(0, queries)),
            TensorTarget(prefix + "attn_k" + suffix, rows: runs(queries, key)),
            TensorTarget(prefix + "attn_v" + suffix, rows: runs(queries + key, value)),
        ]
    }

    /// Gate and up projection that lie one after the other.
    static func gateUp(width: Int, prefix: String, suffix: String) -> [TensorTarget] {
        [
            TensorTarget(prefix + "ffn_gate" + suffix, rows: Selection(0..<width)),
            TensorTarget(prefix + "ffn_up" + suffix, rows: Selection(width..<2 * width)),
        ]
    }

    /// The same for one of several experts, in the file and for the model.
    func ofExpert(_ expert: Int) -> TensorTarget {
        var target = self
        (target.index, target.entry) = (expert, expert)
        return target
    }

    /// Gate and up projection of all experts in one tensor, one after the other.
    static func expertsGateUp(width: Int, experts: Range<Int>, prefix: String) -> [TensorTarget] {
        experts.flatMap { expert in
            gateUp(width: width, prefix: prefix, suffix: "_exps.weight").map { $0.ofExpert(expert) }
        }
    }

    /// What makes keys and values of a latent, per head: `[rank, plain]` for keys, so that queries meet the latent, and
    /// `[value, rank]` for values.
    static func latentHeads(_ latent: LatentAttentionConfiguration, heads: Int, prefix: String) -> [TensorTarget] {
        let stride = latent.plainLength + latent.valueLength
        return (0..<heads).flatMap { head in
            let start = head * stride
            var key = TensorTarget(prefix + "attn_k_b.weight", index: head)
            key.selection = Selection(start..<start + latent.plainLength)
            key.isTransposed = true
            var value = TensorTarget(prefix + "attn_v_b.weight", index: head)
            value.selection = Selection(start + latent.plainLength..<start + stride)
            return [key, value]
        }
    }
}

/// The sizes of one layer's attention.
struct AttentionSizes {
    var headCount: Int
    var headCountKV: Int
    var keyLength: Int
    var valueLength: Int

    /// The sizes in a configuration; `nil` if there is no such layer.
    init?(_ configuration: ModelConfiguration, layer: Int) {
        guard configuration.headCounts.indices.contains(layer) else { return nil }
        headCount = configuration.headCounts[layer]
        headCountKV = configuration.headCountsKV[layer]
        keyLength = configuration.keyLength
        valueLength = configuration.valueLength
    }

    var queryWidth: Int { headCount * keyLength }
    var keyWidth: Int { headCountKV * keyLength }
    var valueWidth: Int { headCountKV * valueLength }
}
