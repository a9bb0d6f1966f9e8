internal import Checkpoints

/// What a family of decoders adds to the skeleton: how its configuration becomes a shape.
///
/// Which tensors there must be follows from the shape; see `DecoderWeights`.
protocol DecoderFamily {
    /// The shape of the model that a configuration describes.
    static func shape(_ configuration: ModelConfiguration) throws(ModelError) -> DecoderShape
}
