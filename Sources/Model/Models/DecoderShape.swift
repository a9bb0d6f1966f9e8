package import Checkpoints

/// What the decoder families differ in: sizes, and which of the optional parts of a layer are there.
package struct DecoderShape: Sendable, Hashable {
    /// How pairs of dimensions are rotated by the rotary embedding.
    package enum RotaryLayout: Sendable, Hashable {
        /// Neighbours `(2 i, 2 i + 1)`: weights that the GGUF converter permuted.
        case pairs
        /// `(i, i + half)`, as in GPT-NeoX.
        case halves
    }

    /// The nonlinearity of the gated feed-forward part.
    package enum Activation: Sendable, Hashable {
        case silu
        case geluTanh
    }

    /// The rotary embedding of some of the layers.
    package struct Rotary: Sendable, Hashable {
        /// The base of the geometric series of wavelengths.
        package var base: Double
        /// How wavelengths are stretched.
        package var scaling: RopeScaling
        /// Whether the checkpoint's divisors per pair of dimensions (`rope_freqs`) apply.
        package var usesFrequencyFactors: Bool
    }

    /// What differs between the layers of one model.
    package struct Layer: Sendable, Hashable {
        /// Which of `rotaries` the layer uses.
        package var rotary = 0
        /// A token sees itself and the `window - 1` tokens before it; 0 for all.
        package var window = 0
    }

    /// Width of the residual stream.
    package var hiddenSize: Int
    /// Width of the feed-forward part.
    package var feedForwardSize: Int
    /// Query heads.
    package var headCount: Int
    /// Key and value heads; divides `headCount`.
    package var kvHeadCount: Int
    /// Width of a head.
    package var headDimension: Int
    /// Dimensions of a head that are rotated, from the first.
    package var rotaryDimension: Int
    /// How they are paired.
    package var rotaryLayout: RotaryLayout
    /// The different rotary embeddings.
    package var rotaries: [Rotary]
    /// The layers in order.
    package var layers: [Layer]
    /// Entries of the vocabulary.
    package var vocabularySize: Int
    /// Longest sequence in training, tokens.
    package var contextLength: Int
    /// Added to the mean square in the norms.
    package var normEpsilon: Float
    /// The nonlinearity of the feed-forward part.
    package var activation = Activation.silu
    /// Queries are multiplied with it, usually one over the root of `headDimension`.
    package var attentionScale: Float
    /// Embeddings are multiplied with it.
    package var embeddingScale: Float = 1
    /// Whether queries, keys and values have biases.
    package var hasAttentionBiases = false
    /// Whether each head of queries and keys is normed before it is rotated.
    package var hasHeadNorms = false
    /// Whether the outputs of attention and feed-forward are normed before they are added to the stream.
    package var hasPostNorms = false

    // Rounding to 8 bits averages out over the width of the stream. With SmolLM2 (576) the mean difference of
    // log-probabilities from exact arithmetic is 0.046 with both, 0.055 with an output matrix of rounded activations; with
    // Gemma-3-270M (640) 0.038, 0.043, and 0.050 without either; with Qwen2.5-0.5B (896) 0.021, 0.023 and 0.028. Less than
    // 0.05 is wanted, and what isn't needed costs a fifteenth of a prefill and up to a third of a batch's decode.

    /// Whether queries, keys and values are made from nearly exact activations, where those are quantized.
    package var needsNearlyExactQueries: Bool { hiddenSize < 768 }
    /// Whether logits are.
    package var needsNearlyExactHead: Bool { hiddenSize < 640 }

    /// Width of all query heads.
    package var queryWidth: Int { headCount * headDimension }
    /// Width of all key heads, and of all value heads.
    package var kvWidth: Int { kvHeadCount * headDimension }
    /// Query heads that share a KV head.
    package var groupSize: Int { headCount / kvHeadCount }
}
