internal import Checkpoints

/// What a family of decoders adds to the skeleton: what its layers have that their configuration doesn't say.
///
/// Which tensors there must be follows from the shape; see `DecoderWeights`.
protocol DecoderFamily {
    /// Adds it to a layer as the configuration describes it; which optional tensors there are may tell.
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog)
}

extension DecoderFamily {
    /// Nothing.
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {}

    /// The shape of the model that a checkpoint holds.
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { adapt(&$0, checkpoint.tensors) }
        return shape
    }
}
