internal import Checkpoints

/// BERT, RoBERTa, XLM-R, MiniLM: encoders with learned positions, LayerNorm on the sums that become the residual, biases
/// everywhere, and a feed-forward part without gates.
enum BERT: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.needsBiases = true
        layer.feedForward = layer.feedForward.ungated
        layer.norms = .after
    }
}
