internal import Tensors

extension DecoderWeights {
    /// The weights of one layer; matrices are `[output features, input features]`.
    final class Layer: Sendable {
        let attentionNorm: FloatVector
        let query: PackedMatrix
        let key: PackedMatrix
        let value: PackedMatrix
        let queryBias: FloatVector?
        let keyBias: FloatVector?
        let valueBias: FloatVector?
        let queryNorm: FloatVector?
        let keyNorm: FloatVector?
        let output: PackedMatrix
        let postAttentionNorm: FloatVector?
        let feedForwardNorm: FloatVector
        let gate: PackedMatrix
        let up: PackedMatrix
        let down: PackedMatrix
        let postFeedForwardNorm: FloatVector?

        /// Takes one layer's tensors.
        init(_ loader: inout WeightLoader, prefix: String, shape: DecoderShape) throws(ModelError) {
            let hidden = shape.hiddenSize
            let dimension = shape.headDimension
            attentionNorm = try loader.vector(prefix + "attn_norm.weight", hidden)
            query = try loader.matrix(prefix + "attn_q", shape.queryWidth, hidden)
            key = try loader.matrix(prefix + "attn_k", shape.kvWidth, hidden)
            value = try loader.matrix(prefix + "attn_v", shape.kvWidth, hidden)
            let biases = shape.hasAttentionBiases
            queryBias = biases ? try loader.vector(prefix + "attn_q.bias", shape.queryWidth) : nil
            keyBias = biases ? try loader.vector(prefix + "attn_k.bias", shape.kvWidth) : nil
            valueBias = biases ? try loader.vector(prefix + "attn_v.bias", shape.kvWidth) : nil
            let headNorms = shape.hasHeadNorms
            queryNorm = headNorms ? try loader.vector(prefix + "attn_q_norm.weight", dimension) : nil
            keyNorm = headNorms ? try loader.vector(prefix + "attn_k_norm.weight", dimension) : nil
            output = try loader.matrix(prefix + "attn_output", hidden, shape.queryWidth)
            feedForwardNorm = try loader.vector(prefix + "ffn_norm.weight", hidden)
            gate = try loader.matrix(prefix + "ffn_gate", shape.feedForwardSize, hidden)
            up = try loader.matrix(prefix + "ffn_up", shape.feedForwardSize, hidden)
            down = try loader.matrix(prefix + "ffn_down", hidden, shape.feedForwardSize)
            let postNorms = shape.hasPostNorms
            postAttentionNorm = postNorms ? try loader.vector(prefix + "post_attention_norm.weight", hidden) : nil
            postFeedForwardNorm = postNorms ? try loader.vector(prefix + "post_ffw_norm.weight", hidden) : nil
        }
    }
}

/// A vector of weights in single precision.
final class FloatVector: @unchecked Sendable {  // never written after it is made
    let base: UnsafePointer<Float>
    let count: Int

    /// The expanded numbers of a stored vector, a matrix of one row.
    ///
    /// - Throws: `TensorError` when it can't be read.
    init(_ source: StoredMatrix) throws(TensorError) {
        let source = try source.copiedToMemory()
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: source.columns)
        source.dequantizeRow(0, into: memory)
        base = UnsafePointer(memory)
        count = source.columns
    }

    deinit { base.deallocate() }
}
