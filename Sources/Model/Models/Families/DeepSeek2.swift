/// DeepSeek V2 and V3: latent attention, and behind some dense layers experts beside a part that all tokens use; all of it is
/// in the configuration.
enum DeepSeek2: DecoderFamily {}
