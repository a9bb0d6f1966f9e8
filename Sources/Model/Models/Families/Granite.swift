internal import Checkpoints

/// Granite: Llama with multipliers on embeddings, attention scores, what layers add to the residual, and logits, all in
/// the configuration.
enum Granite: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        try DecoderShape(checkpoint.configuration)
    }
}
