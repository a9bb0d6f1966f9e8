/// Phi-3 and Phi-4: Llama with queries, keys and values in one matrix, gates and ups in another, and LongRoPE.
///
/// The checkpoints' readers take the matrices apart.
enum Phi3: DecoderFamily {}
