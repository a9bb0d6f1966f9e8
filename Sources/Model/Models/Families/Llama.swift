internal import Checkpoints

/// Llama and what is built like it: Mistral, SmolLM.
///
/// The GGUF converter permutes the query and key weights so that rotated pairs are neighbours. Llama 3's scaling of the
/// rotary embedding comes as divisors in the tensor `rope_freqs.weight`.
enum Llama: DecoderFamily {
    static func shape(_ configuration: ModelConfiguration) throws(ModelError) -> DecoderShape {
        try DecoderShape(configuration)
    }
}
