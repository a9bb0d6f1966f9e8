/// What one layer is made of, with all of its sizes.
package struct LayerShape: Sendable, Hashable {
    /// Where the norms stand that are as wide as the residual.
    package enum NormPlacement: Sendable, Hashable {
        /// Before attention and before the feed-forward part, as nearly everywhere.
        case before
        /// On their outputs, before those are added to the residual (OLMo 2).
        case behind
        /// Both (Gemma).
        case around
        /// On the sums that become the new residual (BERT).
        case after
    }

    /// What the feed-forward part reads.
    package enum Residual: Sendable, Hashable {
        /// The residual to which attention's output has been added.
        case sequential
        /// The same residual as attention; both outputs are then added (GPT-NeoX, Falcon).
        case parallel
    }

    /// The attention.
    package var attention: AttentionShape
    /// The feed-forward part.
    package var feedForward: FeedForwardShape
    /// Where the norms stand.
    package var norms = NormPlacement.before
    /// What the feed-forward part reads.
    package var residual = Residual.sequential
    /// Whether one norm serves attention and a parallel feed-forward part: there is no second one.
    package var sharesNorm = false
    /// The tensor of the norm before attention.
    package var attentionNormName = "attn_norm"
    /// The tensor of the norm before the feed-forward part.
    package var feedForwardNormName = "ffn_norm"
    /// Outputs of attention and feed-forward are multiplied with it before they are added to the residual.
    package var residualScale: Float = 1

    /// A layer with norms before both of its parts, one after the other.
    package init(attention: AttentionShape, feedForward: FeedForwardShape) {
        self.attention = attention
        self.feedForward = feedForward
    }

    /// Numbers of the longest row that a matrix of the layer multiplies, besides those as wide as the residual.
    var widestRow: Int { max(attention.outputWidth, attention.latent?.queryRank ?? 0, feedForward.width) }

    /// Whether there are norms before attention and feed-forward.
    package var hasNormsBefore: Bool { norms == .before || norms == .around }
    /// Whether there are norms on their outputs, or on what these are added to.
    package var hasNormsBehind: Bool { norms != .before }
    /// The tensors of those norms.
    package var normNamesBehind: (attention: String, feedForward: String) {
        norms == .after ? ("attn_output_norm", "layer_output_norm") : ("post_attention_norm", "post_ffw_norm")
    }
}

/// The attention of a layer, query heads in groups that share a key and value head, or all heads over one latent.
package struct AttentionShape: Sendable, Hashable {
    /// What the norms of queries and keys span, where there are any.
    package enum HeadNorms: Sendable, Hashable {
        /// There are none.
        case none
        /// Each head, all with the same weights (Qwen 3, Gemma 3).
        case perHead
        /// Each head with weights of its own (Command-R, StableLM).
        case eachHead
        /// All heads together (OLMo 2).
        case allHeads
    }

    /// Query heads.
    package var headCount: Int
    /// Key and value heads; divides `headCount`.
    package var kvHeadCount: Int
    /// Width of a head.
    package var headDimension: Int
    /// Which of the model's rotary embeddings turns queries and keys; `nil` for none.
    package var rotary: Int?
    /// A token sees itself and the `window - 1` tokens before it; 0 for all.
    package var window = 0
    /// Queries are multiplied with it, usually one over the root of `headDimension`.
    package var scale: Float
    /// Scores `x` become `c * tanh(x / c)`; 0 for no such cap.
    package var softcap: Float = 0
    /// Whether queries, keys and values must have biases; where they needn't, the checkpoint decides.
    package var needsBiases = false
    /// The norms of queries and keys.
    package var headNorms = HeadNorms.none
    /// Whether each query head has a score that takes part in the softmax without a value (gpt-oss).
    package var hasSinks = false
    /// Queries, keys and values are cut to this size, behind their norms; 0 for no such limit (OLMo).
    package var clamp: Float = 0
    /// Keys and values are made from a latent; `nil` for keys and values of their own.
    package var latent: LatentShape?

    /// Attention of these sizes to all tokens before, `rotary` being one of the model's.
    package init(headCount: Int, kvHeadCount: Int, headDimension: Int, rotary: Int?, scale: Float) {
        self.headCount = headCount
        self.kvHeadCount = kvHeadCount
        self.headDimension = headDimension
        self.rotary = rotary
        self.scale = scale
    }

    /// Width of all query heads.
    package var queryWidth: Int { headCount * headDimension }
    /// Width of all heads' outputs.
    package var outputWidth: Int { headCount * (latent?.valueWidth ?? headDimension) }
    /// Width of all key heads, and of all value heads.
    package var kvWidth: Int { kvHeadCount * headDimension }
    /// Width of queries, keys and values together.
    package var width: Int { queryWidth + 2 * kvWidth }
    /// Query heads that share a KV head.
    package var groupSize: Int { headCount / kvHeadCount }
}
