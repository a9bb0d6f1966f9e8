internal import Checkpoints

/// Granite 3 with experts: Granite whose feed-forward parts are mixtures.
enum GraniteMoE: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        try DecoderShape(checkpoint.configuration)
    }
}
