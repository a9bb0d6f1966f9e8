/// Granite: Llama with multipliers on embeddings, attention scores, what layers add to the residual, and logits, all in
/// the configuration.
enum Granite: DecoderFamily {}
