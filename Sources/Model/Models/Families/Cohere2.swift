internal import Checkpoints

/// Command-R7B and Command-A: like Command-R; layers with a window rotate, those without don't.
enum Cohere2: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.sharesNorm = true }
        return shape
    }
}
