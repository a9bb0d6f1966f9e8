package import Checkpoints

/// What the decoder families differ in: the sizes of the whole, and what each layer is made of.
package struct DecoderShape: Sendable, Hashable {
    /// The rotary embedding of some of the layers.
    package struct Rotary: Sendable, Hashable {
        /// The base of the geometric series of wavelengths.
        package var base: Double
        /// How wavelengths are stretched.
        package var scaling: RopeScaling
        /// Whether the checkpoint's divisors per pair of dimensions (`rope_freqs`) apply.
        package var usesFrequencyFactors: Bool

        /// A rotary embedding.
        package init(base: Double, scaling: RopeScaling, usesFrequencyFactors: Bool) {
            self.base = base
            self.scaling = scaling
            self.usesFrequencyFactors = usesFrequencyFactors
        }
    }

    /// How a norm is taken, all norms of a model alike.
    package enum NormKind: Sendable, Hashable {
        /// Root mean square.
        case rms
        /// Mean and variance, with biases where the checkpoint has them.
        case layer
    }

    /// Width of the residual.
    package var hiddenSize: Int
    /// Entries of the vocabulary.
    package var vocabularySize: Int
    /// Longest sequence in training, tokens.
    package var contextLength: Int
    /// The layers in order.
    package var layers: [LayerShape]
    /// The different rotary embeddings.
    package var rotaries: [Rotary] = []
    /// Dimensions of a head that are rotated, from the first.
    package var rotaryDimension = 0
    /// How they are paired.
    package var rotaryLayout = RotaryLayout.halves
    /// How norms are taken.
    package var norm = NormKind.rms
    /// Added to the mean square or the variance in the norms.
    package var normEpsilon: Float
    /// Embeddings are multiplied with it.
    package var embeddingScale: Float = 1
    /// Positions that have a learned embedding of their own, added to the token's; 0 for none.
    package var positionCount = 0
    /// Kinds of segments that have an embedding, of which every token gets the first; 0 for none.
    package var tokenTypeCount = 0
    /// Whether the sum of a token's embeddings is normed.
    package var hasEmbeddingNorm = false
    /// Whether tokens see only those before them; otherwise it is an encoder, which ends with its last layer.
    package var isCausal = true
    /// Logits are multiplied with it.
    package var logitScale: Float = 1
    /// Logits `x` become `c * tanh(x / c)`; 0 for no such cap.
    package var logitSoftcap: Float = 0

    /// A decoder of these sizes.
    package init(hiddenSize: Int, vocabularySize: Int, contextLength: Int, layers: [LayerShape], normEpsilon: Float) {
        self.hiddenSize = hiddenSize
        self.vocabularySize = vocabularySize
        self.contextLength = contextLength
        self.layers = layers
        self.normEpsilon = normEpsilon
    }

    // Rounding to 8 bits averages out over the width of the residual. With SmolLM2 (576) the mean difference of
    // log-probabilities from exact arithmetic is 0.046 with both, 0.055 with an output matrix of rounded activations; with
    // Gemma-3-270M (640) 0.038, 0.043, and 0.050 without either; with Qwen2.5-0.5B (896) 0.021, 0.023 and 0.028. Less than
    // 0.05 is wanted, and what isn't needed costs a fifteenth of a prefill and up to a third of a batch's decode.

    /// Whether queries, keys and values are made from nearly exact activations, where those are quantized.
    package var needsNearlyExactQueries: Bool { hiddenSize < 768 }
    /// Whether logits are.
    package var needsNearlyExactLogits: Bool { hiddenSize < 640 }
}

extension DecoderShape {
    /// The largest of what the layers need of something.
    func widest(_ need: (LayerShape) -> Int) -> Int { layers.lazy.map(need).max() ?? 0 }

    /// The attention shapes that differ in how their work is cut.
    var attentionCuts: [AttentionCut] {
        var cuts: [AttentionCut] = []
        for layer in layers where !cuts.contains(AttentionCut(layer.attention)) {
            cuts.append(AttentionCut(layer.attention))
        }
        return cuts
    }
}
