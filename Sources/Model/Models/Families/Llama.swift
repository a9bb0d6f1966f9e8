/// Llama and what is built like it: Mistral, SmolLM.
///
/// Llama 3's scaling of the rotary embedding is in the configuration, or comes as divisors in the tensor
/// `rope_freqs.weight`.
enum Llama: DecoderFamily {}
