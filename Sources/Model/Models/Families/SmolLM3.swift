internal import Checkpoints

/// SmolLM3: Llama with layers that don't rotate, as the configuration says.
enum SmolLM3: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        try DecoderShape(checkpoint.configuration)
    }
}
