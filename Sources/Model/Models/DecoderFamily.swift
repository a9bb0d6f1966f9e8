internal import Checkpoints

/// What a family of decoders adds to the skeleton: how its checkpoints' configuration becomes a shape.
///
/// Which tensors there must be follows from the shape; see `DecoderWeights`.
protocol DecoderFamily {
    /// The shape of the model that a checkpoint's configuration describes; which optional tensors there are may add to it.
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape
}
