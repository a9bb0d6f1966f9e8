/// A model's sizes and constants, every one checked.
public struct ModelConfiguration: Sendable, Hashable {
    /// The family.
    public var architecture: ModelArchitecture
    /// Entries of the vocabulary, the width of a row of logits.
    public var vocabularySize: Int
    /// Longest sequence in training, in tokens.
    public var contextLength: Int
    /// Width of the residual stream ("hidden size").
    public var embeddingLength: Int
    /// Number of layers.
    public var blockCount: Int
    /// Width of the feed-forward part, per layer.
    public var feedForwardLengths: [Int]
    /// Query heads, per layer.
    public var headCounts: [Int]
    /// Key and value heads, per layer; each divides the layer's query heads.
    public var headCountsKV: [Int]
    /// Width of a query or key head.
    public var keyLength: Int
    /// Width of a value head.
    public var valueLength: Int
    /// Added to the mean square in the norms.
    public var rmsNormEpsilon: Double
    /// Added to the variance in norms that subtract the mean; `nil` for models whose norms are root mean squares.
    public var layerNormEpsilon: Double?
    /// The nonlinearity of the feed-forward part ("hidden_act").
    public var activation = Activation.silu
    /// Embeddings are multiplied with it.
    public var embeddingScale = 1.0
    /// What a half of a layer adds to the residual stream is multiplied with it.
    public var residualScale = 1.0
    /// Logits are multiplied with it, before they are capped.
    public var logitScale = 1.0
    /// Whether attention and feed-forward part read the same stream and are added to it together.
    public var parallelResidual = false
    /// Positions that have a learned embedding of their own; 0 for models without.
    public var positionEmbeddingCount = 0
    /// Queries, keys and values are clamped to -x...x (OLMo); `nil` for no such limit.
    public var queryKeyValueClamp: Double?
    /// Queries are multiplied with it before they meet the keys.
    public var attentionScale: Double
    /// Which dimensions of a head turn together.
    public var rotaryLayout = RotaryLayout.halves
    /// Whether a layer rotates its queries and keys, per layer.
    public var ropeLayers: [Bool]
    /// Dimensions of a head that are rotated, from the first; even.
    public var ropeDimensionCount: Int
    /// The base of the rotary wavelengths.
    public var ropeFrequencyBase: Double
    /// How rotary embeddings are stretched.
    public var ropeScaling: RopeScaling
    /// Whether `rope_freqs.weight` holds divisors `[ropeDimensionCount / 2]` of the frequencies (Llama 3's scaling).
    public var hasRopeFrequencyFactors: Bool
    /// A token in a windowed layer sees itself and the `slidingWindow - 1` tokens before; `nil` if no layer has one.
    public var slidingWindow: Int?
    /// Whether a layer has the window, per layer.
    public var windowedLayers: [Bool]
    /// The base of the rotary wavelengths of windowed layers.
    public var windowedRopeFrequencyBase: Double
    /// How the rotary embeddings of windowed layers are stretched.
    public var windowedRopeScaling: RopeScaling
    /// Attention scores `x` become `c * tanh(x / c)`; `nil` for no such cap.
    public var attentionLogitSoftcapping: Double?
    /// Logits `x` become `c * tanh(x / c)`; `nil` for no such cap.
    public var finalLogitSoftcapping: Double?
    /// Whether the embedding matrix is also the output matrix: there is no `output.weight`.
    public var hasTiedEmbeddings: Bool
    /// The feed-forward parts that are mixtures of experts; `nil` for a dense model.
    public var experts: ExpertConfiguration?
    /// Attention over a compressed latent; `nil` for keys and values of their own.
    public var latent: LatentAttentionConfiguration?
    /// Whether each head has a learned logit that takes part in the softmax and nothing else (`attn_sinks`).
    public var hasAttentionSinks = false
    /// Gate and up projection are clamped to it, as gpt-oss does ("swiglu_limit"); `nil` for no such limit.
    public var gateLimit: Double?
    /// How the hidden states of a text become one embedding; `.none` for models that only generate.
    public var pooling = Pooling.none
    /// Kinds of segments with an embedding of their own (BERT); 0 for models without.
    public var tokenTypeCount = 0
    /// Whether a token sees only itself and those before it; not so in encoders.
    public var isCausal = true

    /// Width of the feed-forward part of the first layer.
    public var feedForwardLength: Int { feedForwardLengths[0] }
    /// Query heads of the first layer.
    public var headCount: Int { headCounts[0] }
    /// Key and value heads of the first layer.
    public var headCountKV: Int { headCountsKV[0] }
    /// Whether all layers have the same numbers of heads and the same feed-forward width.
    public var isUniform: Bool {
        Set(headCounts).count == 1 && Set(headCountsKV).count == 1 && Set(feedForwardLengths).count == 1
    }
}
